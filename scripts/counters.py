"""What the server has counted, from its /metrics, if it has any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.browsing import Target, get

BATCH = "gmft_batch_trajectories"
STEP_SECONDS = "gmft_step_seconds_sum"
COALESCED, CANCELLED, SHED = (f"gmft_{name}_total" for name in ("coalesced", "cancelled", "shed"))

Samples = Mapping[str, float]


@dataclass(frozen=True)
class Counted:
    """What the engine did between two looks.

    Attributes:
        steps: batched steps.
        step_seconds: seconds they took.
        batch: mean trajectories of a step; ``None`` if there was no step.
        batches: trajectories of a step, as the bucket's upper bound, to the number of such steps.
        coalesced: requests that joined an equal one.
        cancelled: plays dropped because nobody watched them.
        shed: requests turned away.
    """

    steps: float
    step_seconds: float | None
    batch: float | None
    batches: dict[str, float]
    coalesced: float | None
    cancelled: float | None
    shed: float | None


def samples(text: str) -> dict[str, float]:
    """Every sample of a Prometheus text, summed over all labels but a bucket's ``le``."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        labelled, _, value = line.rpartition(" ")
        name, _, labels = labelled.partition("{")
        if 'le="' in labels:
            name += "@" + labels.split('le="')[1].split('"')[0]
        found[name] = found.get(name, 0.0) + float(value)
    return found


async def look(target: Target) -> dict[str, float]:
    """The samples now, none where the server has no metrics.

    Raises:
        OSError, EOFError: there is no server.
    """
    try:
        return samples((await get(target, "/metrics")).decode())
    except LookupError:
        return {}


def between(before: Samples, after: Samples) -> Counted | None:
    """What was counted between two looks, ``None`` without metrics."""
    grown = {name: value - before.get(name, 0.0) for name, value in after.items()}
    if not any(name.startswith(BATCH) for name in grown):
        return None
    steps = grown.get(f"{BATCH}_count", 0.0)
    return Counted(
        steps=steps,
        step_seconds=grown.get(STEP_SECONDS),
        batch=grown[f"{BATCH}_sum"] / steps if steps else None,
        batches=_apart(grown),
        coalesced=grown.get(COALESCED),
        cancelled=grown.get(CANCELLED),
        shed=grown.get(SHED),
    )


def _apart(grown: Samples) -> dict[str, float]:
    """Buckets as Prometheus adds them up, taken apart again, the empty ones left out."""
    start = f"{BATCH}_bucket@"
    bounds = sorted((n.removeprefix(start) for n in grown if n.startswith(start)), key=float)
    apart, below = {}, 0.0
    for bound in bounds:
        total = grown[start + bound]
        if total > below:
            apart[bound] = total - below
        below = total
    return apart

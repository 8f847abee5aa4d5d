"""What the status page shows: the engine's work and the rehearsal as bars with words."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import isinf

from app.context import Context
from app.health.metrics import buckets, means, totals
from app.health.readiness import Verdict, verdict
from app.health.rehearsal import Rehearsal, Trial
from app.machine.limits import cores, memory

REASONS = 6
"""Most reasons that are listed."""


@dataclass(frozen=True)
class Bar:
    """One bar: ``fraction`` in 0 … 1, ``text`` beside it."""

    name: str
    fraction: float
    text: str

    @property
    def percent(self) -> int:
        """Length in whole percent, for the SVG."""
        return round(100 * min(1.0, max(0.0, self.fraction)))


@dataclass(frozen=True)
class Row:
    """A Play of the rehearsal.

    Attributes:
        slide, demo, accent: which, and its colour.
        state: see :class:`app.health.rehearsal.Trial`, or ``untried``.
        bar: its title and progress; once it has ended, its time beside the slowest.
    """

    slide: int
    demo: str
    accent: str
    state: str
    bar: Bar


@dataclass(frozen=True)
class Board:
    """All that the page shows of one moment.

    Attributes:
        verdict, more: is the deck ready, and how many reasons are not listed.
        rows: the Plays, in the order of the deck.
        running: whether the rehearsal goes on.
        load: plays that run and that wait, of as many as can.
        batches, first_frames: steps by batch size, plays by seconds to the first picture.
        models: mean step of each model that has run, with its accent.
        numbers: name, count and whether it is bad news.
        failures: what failed lately, in words, the last one first.
        machine: what the process may use of its machine, and what it does; (name, value) pairs.
    """

    verdict: Verdict
    more: int
    rows: tuple[Row, ...]
    running: bool
    load: tuple[Bar, ...]
    batches: tuple[Bar, ...]
    first_frames: tuple[Bar, ...]
    models: tuple[tuple[str, Bar], ...]
    numbers: tuple[tuple[str, int, bool], ...]
    failures: tuple[str, ...]
    machine: tuple[tuple[str, str], ...]

    @property
    def spoken(self) -> str:
        """The verdict for those who hear the page, without what changes by the second."""
        if self.running:
            return "The Plays are being tried."
        reasons = () if self.verdict.tone == "plain" else self.verdict.reasons
        return " ".join((f"{self.verdict.answer}.", *reasons))


def board(context: Context, rehearsal: Rehearsal) -> Board:
    """The present moment."""
    answer = verdict(context, rehearsal)
    shown = Verdict(answer.answer, answer.tone, answer.reasons[:REASONS])
    return Board(
        verdict=shown,
        more=len(answer.reasons) - len(shown.reasons),
        rows=_rows(rehearsal),
        running=rehearsal.running,
        load=_load(context),
        batches=_columns(buckets(context.metrics.batches), _size),
        first_frames=_columns(buckets(context.metrics.first_frames), _seconds),
        models=_models(context),
        numbers=_numbers(context),
        failures=_failures(context),
        machine=_machine(context),
    )


def _rows(rehearsal: Rehearsal) -> tuple[Row, ...]:
    tried = {trial.demo: trial for trial in rehearsal.trials}
    longest = max((trial.seconds for trial in rehearsal.trials), default=0.0)
    return tuple(
        Row(
            demo.slide,
            demo.name,
            demo.family,
            tried[demo].state if demo in tried else "untried",
            _trial_bar(demo.title, tried.get(demo), longest),
        )
        for demo in rehearsal.context.demos
    )


def _trial_bar(title: str, trial: Trial | None, longest: float) -> Bar:
    if trial is None:
        return Bar(title, 0, "not tried")
    if trial.state == "running":
        text = f"running, {trial.seconds:.1f} s, step {trial.step} of {trial.total}"
        return Bar(title, trial.step / trial.total, text)
    if trial.state == "waiting":
        return Bar(title, 0, "comes later")
    text = trial.problem or f"ready, {trial.seconds:.1f} s"
    return Bar(title, trial.seconds / longest if longest else 0, text)


def _load(context: Context) -> tuple[Bar, ...]:
    active, waiting = context.engine.load
    limits = context.settings
    return tuple(
        Bar(name, count / max(1, limit), f"{count} of {limit}")
        for name, count, limit in (
            ("running", active, limits.max_active),
            ("waiting", waiting, limits.max_waiting),
        )
    )


def _columns(counts: dict[float, int], name: Callable[[float, float], str]) -> tuple[Bar, ...]:
    most = max(counts.values(), default=0) or 1
    below = [0.0, *counts]
    return tuple(
        Bar(name(low, bound), count / most, str(count))
        for low, (bound, count) in zip(below, counts.items(), strict=False)
    )


def _size(low: float, high: float) -> str:
    if isinf(high):
        return f"{low + 1:.0f}+"
    return f"{high:.0f}" if high - low <= 1 else f"{low + 1:.0f}–{high:.0f}"


def _seconds(low: float, high: float) -> str:
    return f"{low:g}+" if isinf(high) else f"{high:g}"


def _models(context: Context) -> tuple[tuple[str, Bar], ...]:
    mean = means(context.metrics.steps)
    failed = totals(context.metrics.outcomes["failed"])
    slowest = max(mean.values(), default=0.0)
    found = []
    for model in [name for name in context.zoo.names() if name in mean or failed.get(name)]:
        words = [f"{1000 * mean[model]:.0f} ms"] if model in mean else []
        words += [f"{failed[model]} failed"] if failed.get(model) else []
        bar = Bar(model, mean.get(model, 0.0) / slowest if slowest else 0, ", ".join(words))
        family = str(context.card(model).get("family", ""))
        found.append((family.removesuffix("_diffusion"), bar))
    return tuple(found)


def _numbers(context: Context) -> tuple[tuple[str, int, bool], ...]:
    names = {
        "finished": "finished",
        "coalesced": "shared",
        "cancelled": "left early",
        "shed": "turned away",
        "failed": "failed",
    }
    counts = {
        name: sum(totals(counter).values()) for name, counter in context.metrics.outcomes.items()
    }
    bad = ("shed", "failed")
    return tuple(
        (label, counts[name], name in bad and counts[name] > 0) for name, label in names.items()
    )


def _failures(context: Context) -> tuple[str, ...]:
    """The last few, equal ones together."""
    counts = Counter((f.procedure, f.message) for f in context.metrics.failures())
    last = {(f.procedure, f.message): context.metrics.age(f) for f in context.metrics.failures()}
    return tuple(
        f"{procedure} failed {_times(counts[procedure, message])}, the last time {_ago(age)}: "
        f"{message}"
        for (procedure, message), age in sorted(last.items(), key=lambda item: item[1])[:REASONS]
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s ago" if seconds < 90 else f"{seconds / 60:.0f} min ago"


def _machine(context: Context) -> tuple[tuple[str, str], ...]:
    known = memory()
    found = [("cores", f"{cores()} of {os.cpu_count() or 1}")]
    found.append(("torch threads", str(context.settings.threads)))
    if known.process is not None:
        found.append(("memory of the server", _gib(known.process)))
    if known.group is not None and known.limit is not None:
        found.append(("of its container", f"{_gib(known.group)} of {_gib(known.limit)}"))
    return tuple(found)


def _gib(count: int) -> str:
    return f"{count / 2**30:.2f} GiB"

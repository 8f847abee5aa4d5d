"""What the engine does, counted and timed in Prometheus' terms."""

from __future__ import annotations

import time
from collections import Counter as Counts
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.engine import Observer

RECENT_SECONDS = 300.0
"""How long a failure is remembered."""
REPEATED = 3
"""Failures of a procedure in that time, with no success since, that are no accident."""
KEPT = 100
"""Most failures that are remembered."""

BATCH_BUCKETS = (1, 2, 4, 8, 16, 32)
ROW_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
STEP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
FIRST_FRAME_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


@dataclass(frozen=True)
class Failure:
    """A play whose model failed.

    Attributes:
        procedure: ``model.action``.
        when: on the metrics' clock.
        message: what its watchers read.
    """

    procedure: str
    when: float
    message: str


class Metrics(Observer):
    """An observer that keeps totals for ``/metrics`` and the status page, in a registry of its own.

    Args:
        models: names whose series shall stand at 0 from the start.
        clock: seconds, never going back.

    Attributes:
        registry: everything kept, for Prometheus.
        batches, rows: histograms of trajectories and rows a step.
        steps, first_frames: histograms of seconds, by ``model``.
        outcomes: counters by ``model``, named as the observer's methods.
    """

    def __init__(
        self, models: Iterable[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._failures: deque[Failure] = deque(maxlen=KEPT)
        self._succeeded: dict[str, float] = {}
        self.registry = CollectorRegistry()
        self.batches = self._histogram(
            "batch_trajectories", "Trajectories that shared a step", BATCH_BUCKETS
        )
        self.rows = self._histogram("batch_rows", "Rows (images) of a step", ROW_BUCKETS)
        self.steps = self._histogram(
            "step_seconds", "Seconds of a batched step", STEP_BUCKETS, "model"
        )
        self.first_frames = self._histogram(
            "first_frame_seconds",
            "Seconds from the request to its first picture, of plays watched frame by frame",
            FIRST_FRAME_BUCKETS,
            "model",
        )
        self.outcomes = {
            name: Counter(f"gmft_{name}", f"Plays that {what}", ["model"], registry=self.registry)
            for name, what in (
                ("finished", "came to their end"),
                ("failed", "ended because the model raised or gave no picture"),
                ("cancelled", "were left before their end"),
                ("coalesced", "joined an equal one"),
                ("shed", "were turned away, the queue being full"),
            )
        }
        for model in models:
            for metric in (self.steps, self.first_frames, *self.outcomes.values()):
                metric.labels(model)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"gmft_{name}", text, labels, buckets=buckets, registry=self.registry)

    def watch(self, load: Callable[[], tuple[int, int]]) -> None:
        """Read at every scrape how many plays run and how many wait; call once."""
        active = Gauge("gmft_active_plays", "Plays that take turns", registry=self.registry)
        active.set_function(lambda: load()[0])
        queue = Gauge("gmft_queue_length", "Plays that wait for a turn", registry=self.registry)
        queue.set_function(lambda: load()[1])

    def failures(self) -> list[Failure]:
        """Those of the last :data:`RECENT_SECONDS`, the first one first."""
        since = self._clock() - RECENT_SECONDS
        known = list(self._failures)  # the worker's thread may add one meanwhile
        return [failure for failure in known if failure.when >= since]

    def failing(self) -> dict[str, str]:
        """Model → its last message, of those that seem to be broken.

        One play may fail by what it was asked for, so that a model counts as failing only if one
        of its procedures failed :data:`REPEATED` times lately and has not succeeded since.
        """
        counts: Counts[str] = Counts()
        broken = {}
        for failure in self.failures():
            if failure.when >= self._succeeded.get(failure.procedure, -inf):
                counts[failure.procedure] += 1
                if counts[failure.procedure] >= REPEATED:
                    broken[model_of(failure.procedure)] = failure.message
        return broken

    def age(self, failure: Failure) -> float:
        """Seconds since a failure."""
        return self._clock() - failure.when

    def stepped(self, procedure: str, trajectories: int, rows: int, seconds: float) -> None:
        """Count a step's size and time."""
        self.batches.observe(trajectories)
        self.rows.observe(rows)
        self.steps.labels(model_of(procedure)).observe(seconds)

    def first_frame(self, procedure: str, seconds: float) -> None:
        """Count how long a picture let wait for itself."""
        self.first_frames.labels(model_of(procedure)).observe(seconds)

    def finished(self, procedure: str) -> None:
        """Count an end, after which earlier failures say little of the model."""
        self._succeeded[procedure] = self._clock()
        self._count("finished", procedure)

    def failed(self, procedure: str, message: str) -> None:
        """Count a failure and remember its words."""
        self._failures.append(Failure(procedure, self._clock(), message))
        self._count("failed", procedure)

    def cancelled(self, procedure: str) -> None:
        """Count one that was left."""
        self._count("cancelled", procedure)

    def coalesced(self, procedure: str) -> None:
        """Count one that joined another."""
        self._count("coalesced", procedure)

    def shed(self, procedure: str) -> None:
        """Count one that was turned away."""
        self._count("shed", procedure)

    def _count(self, outcome: str, procedure: str) -> None:
        self.outcomes[outcome].labels(model_of(procedure)).inc()


def model_of(procedure: str) -> str:
    """``vae.reconstruct`` → ``vae``."""
    return procedure.partition(".")[0]


def buckets(histogram: Histogram) -> dict[float, int]:
    """Upper bound → how many values lie between it and the bound before, over all labels."""
    upto: dict[float, int] = {}
    for sample in next(iter(histogram.collect())).samples:
        if sample.name.endswith("_bucket"):
            bound = float(sample.labels["le"])
            upto[bound] = upto.get(bound, 0) + int(sample.value)
    counts, below = {}, 0
    for bound in sorted(upto):
        counts[bound], below = upto[bound] - below, upto[bound]
    return counts


def means(histogram: Histogram) -> dict[str, float]:
    """Model → mean value, of a histogram by model; those without a value are left out."""
    sums: dict[str, float] = {}
    counts: dict[str, float] = {}
    for sample in next(iter(histogram.collect())).samples:
        if sample.name.endswith("_sum"):
            sums[sample.labels["model"]] = sample.value
        elif sample.name.endswith("_count"):
            counts[sample.labels["model"]] = sample.value
    return {model: sums[model] / count for model, count in counts.items() if count}


def totals(counter: Counter) -> dict[str, int]:
    """Model → count."""
    samples = next(iter(counter.collect())).samples
    return {s.labels["model"]: int(s.value) for s in samples if s.name.endswith("_total")}

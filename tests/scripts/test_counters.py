"""Reading the server's own counts."""

from __future__ import annotations

from prometheus_client import generate_latest

from app.health.metrics import Metrics
from scripts.counters import Counted, between, samples


def text(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_what_was_counted_meanwhile_is_told() -> None:
    metrics = Metrics(["vae", "gan"])
    metrics.stepped("vae.sample", 4, 4, 0.5)
    metrics.shed("vae.sample")
    before = samples(text(metrics))
    metrics.stepped("vae.sample", 1, 1, 0.25)
    metrics.stepped("gan.sample", 8, 32, 0.5)
    metrics.stepped("gan.sample", 300, 300, 0.25)
    metrics.coalesced("vae.sample")
    metrics.coalesced("gan.sample")
    metrics.cancelled("gan.sample")
    assert between(before, samples(text(metrics))) == Counted(
        steps=3,
        step_seconds=1.0,  # exact: all are powers of two
        batch=103,
        batches={"1.0": 1, "8.0": 1, "+Inf": 1},
        coalesced=2,
        cancelled=1,
        shed=0,
    )


def test_without_a_step_there_is_no_mean() -> None:
    still = samples(text(Metrics()))
    counted = between(still, still)
    assert counted is not None
    assert (counted.steps, counted.batch, counted.batches) == (0, None, {})


def test_without_metrics_nothing_is_told() -> None:
    assert between({}, {}) is None
    assert between({}, samples("# HELP other\nother_total 3.0\n")) is None

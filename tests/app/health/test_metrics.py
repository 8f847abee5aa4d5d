"""Metrics: each observation ends where it belongs, and two apps do not meet."""

from __future__ import annotations

import asyncio

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.engine import Engine, Limits
from app.factory import create_app
from app.health.metrics import (
    KEPT,
    RECENT_SECONDS,
    REPEATED,
    Metrics,
    buckets,
    means,
    totals,
)
from app.settings import Settings
from tests.support.fake_zoo import FakeZoo, asked
from tests.support.waiting import until


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def scraped(client: TestClient) -> dict[tuple[str, str], float]:
    """(sample name, its model or bound) → value, of a scrape."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (s.name, s.labels.get("model", s.labels.get("le", ""))): s.value
        for family in families
        for s in family.samples
        if not ("model" in s.labels and "le" in s.labels)
    }


def test_steps_are_counted_by_size_and_timed_by_model() -> None:
    metrics = Metrics()
    for trajectories, rows, seconds in ((1, 8, 0.2), (3, 24, 0.4), (4, 32, 0.9)):
        metrics.stepped("vae.sample", trajectories, rows, seconds)
    metrics.stepped("flow.encode", 40, 40, 0.1)
    assert {k: v for k, v in buckets(metrics.batches).items() if v} == {1: 1, 4: 2, float("inf"): 1}
    assert {k: v for k, v in buckets(metrics.rows).items() if v} == {8: 1, 32: 2, 64: 1}
    assert means(metrics.steps) == pytest.approx({"vae": 0.5, "flow": 0.1})


def test_first_pictures_of_all_models_share_the_buckets() -> None:
    metrics = Metrics(["gan", "vae"])
    assert set(buckets(metrics.first_frames).values()) == {0}
    assert means(metrics.first_frames) == {}
    for procedure, seconds in (("vae.sample", 0.3), ("gan.film", 0.4), ("gan.film", 99)):
        metrics.first_frame(procedure, seconds)
    counts = buckets(metrics.first_frames)
    assert {k: v for k, v in counts.items() if v} == {0.5: 2, float("inf"): 1}


def test_nothing_is_known_of_no_model() -> None:
    metrics = Metrics()
    assert buckets(metrics.first_frames) == {}
    assert means(metrics.steps) == {}


def test_outcomes_are_counted_apart() -> None:
    metrics = Metrics(["vae", "gan"])
    for _ in range(2):
        metrics.finished("vae.sample")
    metrics.cancelled("gan.mix")
    metrics.coalesced("gan.mix")
    metrics.shed("vae.sample")
    metrics.failed("vae.decode", "No.")
    counts = {name: totals(counter) for name, counter in metrics.outcomes.items()}
    assert counts == {
        "finished": {"vae": 2, "gan": 0},
        "failed": {"vae": 1, "gan": 0},
        "cancelled": {"vae": 0, "gan": 1},
        "coalesced": {"vae": 0, "gan": 1},
        "shed": {"vae": 1, "gan": 0},
    }


def test_failures_are_remembered_in_order_and_forgotten_after_a_while() -> None:
    clock = Clock()
    metrics = Metrics(clock=clock)
    metrics.failed("vae.sample", "First.")
    clock.now += RECENT_SECONDS / 2
    metrics.failed("gan.film", "Other.")
    assert [(f.procedure, f.message) for f in metrics.failures()] == [
        ("vae.sample", "First."),
        ("gan.film", "Other."),
    ]
    assert [metrics.age(f) for f in metrics.failures()] == [RECENT_SECONDS / 2, 0]
    clock.now += RECENT_SECONDS / 2 + 1
    assert [f.message for f in metrics.failures()] == ["Other."]
    clock.now += RECENT_SECONDS / 2
    assert metrics.failures() == []


def test_a_model_is_failing_if_it_fails_again_and_again() -> None:
    clock = Clock()
    metrics = Metrics(clock=clock)
    for message in ("First.", "Second."):
        metrics.failed("vae.sample", message)
        assert metrics.failing() == {}
    metrics.failed("vae.sample", "Third.")
    assert metrics.failing() == {"vae": "Third."}
    clock.now += RECENT_SECONDS
    assert metrics.failing() == {"vae": "Third."}
    clock.now += 1
    assert metrics.failing() == {}


def test_a_success_in_between_shows_that_the_model_works() -> None:
    clock = Clock()
    metrics = Metrics(clock=clock)
    for _ in range(20):
        clock.now += 1
        metrics.failed("vae.sample", "Bad request.")
        metrics.failed("vae.sample", "Bad request.")
        clock.now += 1
        metrics.finished("vae.sample")
    assert metrics.failing() == {}
    assert len(metrics.failures()) == 40
    clock.now += 1
    for _ in range(REPEATED):
        metrics.failed("vae.sample", "Broken now.")
    assert metrics.failing() == {"vae": "Broken now."}


def test_the_success_of_another_procedure_proves_nothing() -> None:
    clock = Clock()
    metrics = Metrics(clock=clock)
    for _ in range(REPEATED):
        metrics.failed("vae.sample", "Broken.")
        clock.now += 1
        metrics.finished("vae.encode")
    assert metrics.failing() == {"vae": "Broken."}


def test_only_so_many_failures_are_kept() -> None:
    metrics = Metrics()
    for number in range(2 * KEPT):
        metrics.failed("vae.sample", str(number))
    assert len(metrics.failures()) == KEPT
    assert metrics.failing() == {"vae": str(2 * KEPT - 1)}


@pytest.mark.anyio
async def test_the_gauges_read_the_load_when_scraped() -> None:
    zoo, metrics = FakeZoo(), Metrics()
    engine = Engine(zoo, Limits(active=1), metrics)
    metrics.watch(lambda: engine.load)

    def gauges() -> tuple[float | None, float | None]:
        read = metrics.registry.get_sample_value
        return read("gmft_active_plays"), read("gmft_queue_length")

    zoo.sampler("a.sample")
    fake = zoo.made["a.sample"]
    fake.gate.clear()
    engine.start()
    plays = [engine.submit("a.sample", asked(seed=seed)) for seed in range(4)]
    await until(lambda: engine.load == (1, 3))
    assert gauges() == (1, 3)
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    await until(lambda: engine.load == (0, 0))
    assert gauges() == (0, 0)
    await asyncio.to_thread(engine.stop)


def test_two_apps_count_for_themselves() -> None:
    settings = Settings(warm_up=False)
    here_from = ("127.0.0.1", 50000)
    with (
        TestClient(create_app(settings), client=here_from) as one,
        TestClient(create_app(settings), client=here_from) as two,
    ):
        body = {"n": 2, "seed": 3}
        assert one.post("/api/v1/models/vae/sample", json=body).status_code == 200
        assert one.get("/slides/1/play?demo=reconstruct").status_code == 200
        here, there = scraped(one), scraped(two)
    assert here["gmft_finished_total", "vae"] == 2
    assert there["gmft_finished_total", "vae"] == 0
    assert here["gmft_step_seconds_count", "vae"] > 0
    assert here["gmft_first_frame_seconds_count", "vae"] == 1  # the page's, not the API's
    assert here["gmft_batch_trajectories_count", ""] == here["gmft_batch_rows_count", ""] > 0
    assert here["gmft_batch_rows_bucket", "1.0"] == 0  # a step of two images
    for name in ("failed", "cancelled", "coalesced", "shed"):
        assert here[f"gmft_{name}_total", "vae"] == 0
    assert here["gmft_queue_length", ""] == 0
    assert "gmft_active_plays" in {name for name, _ in here}


def test_metrics_are_prometheus_text(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"

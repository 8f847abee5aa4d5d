"""The throughput table: its arithmetic on a model that costs nothing."""

from __future__ import annotations

import pytest
import torch

from scripts import throughput
from tests.support.fake_zoo import FakeZoo, asked


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "Zoo", FakeZoo)
    monkeypatch.setattr(
        throughput,
        "matmul_rate",
        lambda dtype=torch.float32: 50.0 if dtype is torch.float32 else 100.0,
    )


def test_shares_are_work_done_over_the_machine_s_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "best", lambda run: run(0) and 4.0)
    measured = throughput.measure("a", gflops=10.0)
    assert measured["images_per_second"] == {"1": 0.25, "16": 4.0, "64": 16.0}
    assert measured["matmul_share"] == {"1": 0.05, "16": 0.8, "64": 3.2}
    assert measured["matmul_share_bfloat16"] == {"1": 0.025, "16": 0.4, "64": 1.6}
    assert measured["network_calls"] == 5
    assert measured["peak_mb"] > 10
    line = throughput.row("a", measured)
    assert line.startswith("a ")
    assert "16.00" in line
    assert "80%" in line


def test_the_first_picture_comes_after_one_step() -> None:
    fake = FakeZoo().sampler("a.sample")
    assert throughput.first_picture(fake, asked(n=2, num_steps=9)) > 0
    assert fake.batches == [[0]]  # type: ignore[attr-defined]


def test_the_best_run_counts_and_the_first_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 3.0, 10.0, 11.5])
    monkeypatch.setattr("models.runtime.timing.time.perf_counter", lambda: next(ticks))
    seeds: list[int] = []
    assert throughput.best(seeds.append) == 1.5
    assert seeds == [2, 0, 1]

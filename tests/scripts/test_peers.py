"""The comparison with other libraries: its arithmetic and its table; they need not be installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import peers
from scripts.peers import Pair, rate, show

if TYPE_CHECKING:
    import pytest


def test_the_ratio_is_ours_over_theirs() -> None:
    assert Pair("faces", "them", 10, ours=6.0, theirs=1.5).ratio == 4


def test_a_bar_is_met_or_missed(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        [
            Pair("faces", "a fast one", 2_500_000, 3.0, 2.0, bar=1.6),
            Pair("faces", "a slow one", 10, 3.0, 1.0, bar=3.0),
            Pair("faces", "a third one", 10, 3.0, 4.0),
        ]
    )
    fast, slow, free = capsys.readouterr().out.split("faces; ")[1:]
    assert "a fast one (2.5 M parameters)" in fast
    assert "3.00 images/s here, 2.00 there: 1.50×, bar 1.6: missed" in fast
    assert "3.00×, bar 3: met" in slow
    assert "0.75×" in free
    assert "bar" not in free


def test_the_rate_is_of_the_best_run_after_a_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 4.0, 10.0, 12.0, 20.0, 28.0])
    monkeypatch.setattr("models.runtime.timing.time.perf_counter", lambda: next(ticks))
    seeds: list[int] = []
    assert rate(seeds.append) == peers.COUNT / 2
    assert seeds == [3, 0, 1, 2]

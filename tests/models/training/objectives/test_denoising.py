"""Times that cover their interval, and captions that are left out."""

from __future__ import annotations

import pytest
import torch

from models.data.captions.tokenizer import tokenizer
from models.training.objectives.denoising import DROPOUT, drop_captions, stratified_times


def test_times_cover_the_interval_evenly() -> None:
    times = stratified_times(100, "cpu")
    assert not torch.equal(times, times.sort().values)
    assert torch.equal((times * 100).floor().sort().values, torch.arange(100.0))


def test_captions_are_dropped_at_their_rate() -> None:
    ids = tokenizer().encode("a red afro").ids.expand(20_000, -1)
    dropped = (drop_captions(ids) == tokenizer().encode("").ids).all(1)
    kept = (drop_captions(ids) == ids).all(1)
    assert dropped.float().mean() == pytest.approx(DROPOUT, abs=0.01)
    assert kept.float().mean() == pytest.approx(1 - DROPOUT, abs=0.01)
    assert 0.10 <= DROPOUT <= 0.15

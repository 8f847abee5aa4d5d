"""Precision, recall, density, coverage against their authors' package; memorization."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.evaluation.diversity import diversity, nearest


@pytest.mark.parametrize("shift", [0.0, 0.5, 3.0])
@pytest.mark.slow
def test_the_four_numbers_are_those_of_the_authors_package(
    shift: float, capsys: pytest.CaptureFixture[str]
) -> None:
    real, fake = torch.randn(300, 8), torch.randn(250, 8) * 0.8 + shift
    own = diversity(real, fake)
    arrays = [t.double().numpy() for t in (real, fake)]
    from prdc import compute_prdc

    three, five = (compute_prdc(*arrays, nearest_k=k) for k in (3, 5))
    assert own.precision == pytest.approx(three["precision"], abs=1 / 250)
    assert own.recall == pytest.approx(three["recall"], abs=1 / 300)
    assert own.density == pytest.approx(five["density"], rel=0.01, abs=0.002)
    assert own.coverage == pytest.approx(five["coverage"], abs=1 / 300)


def test_coverage_is_full_for_the_same_and_low_for_a_collapsed_set() -> None:
    real = torch.randn(200, 4)
    assert diversity(real, real).coverage == 1
    assert diversity(real, real[:1].expand(200, -1)).coverage < 0.2
    far = diversity(real, real + 100)
    assert (far.precision, far.recall, far.density, far.coverage) == (0, 0, 0, 0)


def test_chunks_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = torch.randn(50, 4), torch.randn(60, 4)
    whole = diversity(real, fake)
    monkeypatch.setattr("models.evaluation.diversity.CHUNK", 7)
    assert diversity(real, fake) == whole


def test_nearest_finds_the_copy_and_measures_in_levels() -> None:
    known = torch.rand(40, 3, 8, 8) * 2 - 1
    gaps = nearest(known[7:9] + 10 / 127.5, known)
    assert np.allclose(gaps, 10, atol=0.01)

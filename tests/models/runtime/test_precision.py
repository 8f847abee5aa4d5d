"""bfloat16 is chosen where it is faster and right, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from models.runtime import precision

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    precision.fast_dtype.cache_clear()
    yield
    precision.fast_dtype.cache_clear()


def pretend(monkeypatch: pytest.MonkeyPatch, seconds: float, error: float) -> None:
    """Let bfloat16 take ``seconds`` (float32: 1) and be off by ``error``."""
    exact = torch.ones(8)

    def fake(device: str, dtype: torch.dtype) -> tuple[float, list[Tensor]]:
        if dtype is torch.float32:
            return 1.0, [exact, exact]
        return seconds, [exact, exact * (1 + error)]

    monkeypatch.setattr(precision, "_try", fake)


@pytest.mark.parametrize(
    ("seconds", "error", "expected"),
    [
        (0.5, 0.0, torch.bfloat16),
        (0.79, 0.019, torch.bfloat16),
        (0.81, 0.0, torch.float32),
        (20.0, 0.0, torch.float32),
        (0.5, 0.021, torch.float32),
    ],
)
def test_a_precision_must_be_fast_and_right(
    monkeypatch: pytest.MonkeyPatch, seconds: float, error: float, expected: torch.dtype
) -> None:
    pretend(monkeypatch, seconds, error)
    assert precision.fast_dtype() is expected


def test_one_wrong_operation_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = torch.ones(8), torch.zeros(8)
    answers = {torch.float32: (1.0, [good, good]), torch.bfloat16: (0.1, [good, bad])}
    monkeypatch.setattr(precision, "_try", lambda device, dtype: answers[dtype])
    assert precision.fast_dtype() is torch.float32


def test_the_answer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 0.5, 0.0)
    assert precision.fast_dtype() is torch.bfloat16
    pretend(monkeypatch, 2.0, 0.0)
    assert precision.fast_dtype() is torch.bfloat16


def test_both_precisions_are_tried_on_the_same_numbers() -> None:
    seconds, exact = precision._try("cpu", torch.float32)
    _, rounded = precision._try("cpu", torch.bfloat16)
    assert seconds > 0
    assert [r.shape for r in exact] == [(512, 256), (8, 64, 16, 16)]
    for a, b in zip(exact, rounded, strict=True):
        assert not torch.equal(a, b)
        assert torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0) > 0.999

"""Fixtures of the model tests."""

from __future__ import annotations

import pytest
import torch

from models.families.flow import Flow
from models.runtime import precision
from tests.models.tiny import randomized


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Random inputs are the same in every run and in any order."""
    torch.manual_seed(0)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32, whatever this processor prefers: for mathematics, which bfloat16 would blur."""
    monkeypatch.setattr(precision, "fast_dtype", lambda device="cpu": torch.float32)


@pytest.fixture(scope="session")
def flow() -> Flow:
    """A small one of colour images."""
    return randomized(Flow(side=8, patch=4, dim=16, layers=2, heads=2, blocks=3))


@pytest.fixture(scope="session")
def gray() -> Flow:
    """As the flow of photos, but small."""
    return randomized(Flow(8, 4, 16, 1, 2, 2, channels=1, noise=0.0, triangular=True, components=3))

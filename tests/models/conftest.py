"""Fixtures of the model tests."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Random inputs are the same in every run and in any order."""
    torch.manual_seed(0)

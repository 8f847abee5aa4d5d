"""What is made of a judge's reading: obedience to a prompt, and variety."""

from __future__ import annotations

import pytest
import torch

from models.parts.judge import obedience, spread

HEADS = {"hair": ("afro", "bob", "bun"), "eyes": ("open", "wink"), "skin": ("dark", "light")}
READ = torch.tensor([[0, 0, 1], [1, 0, 0], [2, 1, 1]])


def test_it_is_a_share_of_what_is_claimed() -> None:
    hair = {"hair": frozenset({"afro", "bob"})}
    assert obedience(hair, HEADS, READ) == pytest.approx(2 / 3)
    both = {**hair, "eyes": frozenset({"wink"})}
    assert obedience(both, HEADS, READ) == pytest.approx((2 + 1) / 6)


def test_what_the_judge_does_not_read_is_not_counted() -> None:
    claims = {"eyes": frozenset({"open"}), "land": frozenset({"hills"})}
    assert obedience(claims, HEADS, READ) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="nothing"):
        obedience({"land": frozenset({"hills"})}, HEADS, READ)


def test_variety_is_the_mean_distance_of_two() -> None:
    points = torch.tensor([[0.0, 0], [3, 4], [0, 8]])
    assert spread(points) == pytest.approx((5 + 8 + 5) / 3)
    assert spread(points[:1]) == 0

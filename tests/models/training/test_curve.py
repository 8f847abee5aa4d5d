"""The learning curve: means over equal shares of a training."""

from __future__ import annotations

import pytest

from models.training.curve import POINTS, Curve


def test_every_share_of_the_training_is_one_mean() -> None:
    curve = Curve()
    for step in range(100):
        curve.add({"loss": float(step), "kl": 1.0}, 4 * (step + 1), (step + 1) / 100)
    assert len(curve.points) == POINTS == 20
    assert curve.points[0] == {"images": 20, "loss": 2.0, "kl": 1.0}
    assert curve.points[-1] == {"images": 400, "loss": 97.0, "kl": 1.0}


def test_a_resumed_curve_goes_on_where_it_was() -> None:
    before = Curve()
    for step in range(10):
        before.add({"loss": 1.0}, step + 1, (step + 1) / 20)
    after = Curve(before.points, 0.5)
    for step in range(10, 20):
        after.add({"loss": 0.5}, step + 1, (step + 1) / 20)
    assert [p["loss"] for p in after.points] == pytest.approx([1.0] * 10 + [0.5] * 10)
    assert [p["images"] for p in after.points] == list(range(1, 21))


def test_a_longer_training_adds_points() -> None:
    """Where it was taken for done, only half is now."""
    curve = Curve([{"images": 1, "loss": 1.0}] * POINTS, 0.5)
    for step in range(10, 20):
        curve.add({"loss": 0.5}, step + 1, (step + 1) / 20)
    assert len(curve.points) == POINTS + 10


def test_a_training_of_few_steps_has_few_points() -> None:
    curve = Curve()
    curve.add({"loss": 3.0}, 8, 0.5)
    curve.add({"loss": 1.0}, 16, 1.0)
    assert [p["loss"] for p in curve.points] == [3.0, 1.0]

"""The point walks from A to B."""

from __future__ import annotations

import pytest
import torch

from app.demos.kit import Plane, Point
from app.demos.vae.interpolate import _walked
from tests.support.parts import parts_of

ENDS = torch.zeros(2, 3, 64, 64)
MU = torch.tensor([[1.0, 0.0, -2.0], [-1.0, 0.0, 2.0]])


@pytest.mark.parametrize(
    ("share", "place"), [(0.0, (-2.0, 1.0)), (0.5, (0.0, 0.0)), (1.0, (2.0, -1.0))]
)
def test_the_point_lies_on_the_line_in_the_dimensions_that_differ_most(
    share: float, place: tuple[float, float]
) -> None:
    scene = _walked(ENDS, MU, ENDS[:1], share)
    (plane,) = parts_of(scene, Plane)
    points = {shape.name: shape.at for shape in plane.shapes if isinstance(shape, Point)}
    assert points["mu_A"] == (-2.0, 1.0)
    assert points["mu_B"] == (2.0, -1.0)
    assert points["z"] == pytest.approx(place)
    assert scene.numbers["z"] == f"{place[0]:.2f}"


def test_before_the_walk_there_is_no_point() -> None:
    (plane,) = parts_of(_walked(ENDS), Plane)
    assert not [shape for shape in plane.shapes if isinstance(shape, Point)]

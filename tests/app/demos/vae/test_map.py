"""The map has every face at its place, and says which are near."""

from __future__ import annotations

import pytest
import torch

from app.demos.kit import Bars, Path, Photo, Plane, Point
from app.demos.vae.map import LARGE, OTHERS, SMALL, MapParameters, _scene, free, shown
from models.runtime.sampler import View
from tests.support.parts import parts_of

CORNERS = [(-0.7, -0.6), (0.7, -0.6), (0.1, 0.6)]


def view(others: list[tuple[float, float]]) -> View:
    places = torch.tensor([*CORNERS, *others])
    extras = {
        "places": places,
        "shares": torch.tensor([0.5, 0.75, -0.25]),
        "distances": torch.arange(len(places)).float().flip(0),
    }
    return View(torch.zeros(1, 3, 64, 64), extras)


def test_faces_stand_where_their_codes_are_and_the_point_where_it_was_put() -> None:
    p = MapParameters(x=0.25, y=-0.5)
    (plane,) = parts_of(_scene(p, shown(p), view([(0.0, 0.0)])), Plane)
    large = [shape for shape in plane.shapes if isinstance(shape, Photo) and not shape.faint]
    assert [shape.label for shape in large] == ["A", "B", "C"]
    assert [shape.at for shape in large] == [pytest.approx(corner) for corner in CORNERS]
    (triangle,) = (shape for shape in plane.shapes if isinstance(shape, Path))
    assert triangle.places[0] == triangle.places[-1]
    assert isinstance(plane.shapes[-1], Point)
    assert plane.shapes[-1].at == (0.25, -0.5)
    assert plane.handle == "x y"


def test_other_faces_are_left_out_where_there_is_no_room() -> None:
    near, far, outside = (-0.65, -0.55), (0.0, 0.0), (0.99, 0.0)
    found = free([*CORNERS, near, far, (0.02, 0.02), outside])
    assert found == [(4, far)]
    assert SMALL < LARGE


def test_shares_are_told_with_their_sign() -> None:
    p = MapParameters()
    scene = _scene(p, shown(p), view([]))
    (bars,) = parts_of(scene, Bars)
    assert [bar.text for bar in bars.bars] == ["0.50", "0.75", "−0.25"]
    assert bars.bars[2].percent == 0


def test_the_nearest_faces_are_named_in_their_order() -> None:
    p = MapParameters(a=5, b=9, c=30)
    numbers = shown(p)
    told = _scene(p, numbers, view([(0.0, 0.0)])).text
    assert f"face {OTHERS[0]} of the gallery; face C, number 30 of the gallery; face B" in told


def test_a_face_that_spans_the_plane_is_not_shown_twice() -> None:
    p = MapParameters(a=OTHERS[0], b=OTHERS[1], c=OTHERS[0])
    numbers = shown(p)
    assert len(numbers) == 3 + len(OTHERS) - 2

"""Plain draws stay where they were drawn; the learned prior's leave a trail."""

from __future__ import annotations

import torch

from app.demos.kit import Path, Plane, Point
from app.demos.vae.prior import AXES, DRAWS, _imagined
from app.engine import Progress
from models.runtime.sampler import View
from tests.support.parts import parts_of


def view(z: torch.Tensor) -> View:
    return View(torch.zeros(DRAWS, 3, 64, 64), {"z": z, "t": 0.5})


def test_every_draw_has_its_point_and_its_way() -> None:
    drawn, led = torch.zeros(DRAWS, 128), torch.ones(DRAWS, 128)
    progress = Progress(1, 2, 0.0, 0.0, lambda: view(led))
    scene = _imagined(0.8, view(drawn), view(led), [drawn, led], progress)
    (plane,) = parts_of(scene, Plane)
    points = [shape for shape in plane.shapes if isinstance(shape, Point)]
    assert [p.at for p in points if not p.second] == [(0.0, 0.0)] * DRAWS
    assert [p.at for p in points if p.second] == [(1.0, 1.0)] * DRAWS
    ways = [shape for shape in plane.shapes if isinstance(shape, Path)]
    assert [list(way.places) for way in ways] == [[(0.0, 0.0), (1.0, 1.0)]] * DRAWS
    assert scene.numbers == {"temperature": "0.8", "t": "0.50", "length": "0.50"}
    assert max(AXES) < 128


def test_nothing_is_shown_before_anything_is_drawn() -> None:
    (plane,) = parts_of(_imagined(0.8), Plane)
    assert not [shape for shape in plane.shapes if isinstance(shape, (Point, Path))]

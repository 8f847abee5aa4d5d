"""The game's scene shows what was measured."""

from __future__ import annotations

import torch

from app.demos.gan.fresh import FreshParameters, _game, _on_axis
from app.demos.kit import Lanes
from models.families.gan import relativistic_loss
from models.runtime.sampler import View
from tests.support.parts import parts_of


def seen(*scores: float) -> View:
    images = torch.arange(4.0)[:, None, None, None].expand(4, 3, 64, 64) / 4
    return View(images, {"score": torch.tensor(scores), "z": torch.zeros(4, 64)})


def test_faces_stand_in_the_order_of_their_logits() -> None:
    drawn, real = seen(1.0, -4.0, 0.0, -2.0), seen(2.0, -1.0, 1.0, 0.0)
    scene = _game(FreshParameters(), drawn, real, 2)
    (lanes,) = parts_of(scene, Lanes)
    assert lanes.above.images is not None
    assert lanes.above.images[:, 0, 0, 0].tolist() == [0.25, 0.75, 0.5, 0.0]
    assert list(lanes.above.places) == [_on_axis(s) for s in (-4.0, -2.0, 0.0, 1.0)]
    assert scene.numbers["drawn"] == "-1.2"
    loss = float(relativistic_loss(real.extras["score"], drawn.extras["score"]))
    assert scene.numbers["loss_d"] == f"{loss:.2f}"
    before = _game(FreshParameters(), drawn, real, 1)
    assert not parts_of(before, Lanes)[0].above.places


def test_logits_beyond_the_axis_stand_at_its_ends() -> None:
    assert 0 < _on_axis(-99) < _on_axis(-7) < _on_axis(3) < _on_axis(99) < 1

"""The film of two trainings shows what was measured."""

from __future__ import annotations

import torch

from app.demos.gan.film import _filmed
from app.demos.kit import Bars, Plane
from models.runtime.sampler import View
from tests.support.parts import parts_of


def test_the_film_tells_how_far_the_discriminator_sees_through_it() -> None:
    moment = {"passes": 1000, "score_real": 1.5, "score_fake": -1.0, "loss_d": 0.5, "loss_g": 2.0}
    view = View(torch.zeros(9, 3, 64, 64), moment)
    scene = _filmed(view, View(view.images, {**moment, "score_fake": -4.5}))
    (bars,), (plane,) = parts_of(scene, Bars), parts_of(scene, Plane)
    assert [bar.text for bar in bars.bars] == ["2.5", "6.0"]
    assert len(plane.shapes) == 64 + 2 * 9
    assert (scene.numbers["drawn"], scene.numbers["drawn_bad"]) == ("-1.0", "-4.5")

"""The game's scenes show what was measured."""

from __future__ import annotations

import pytest
import torch

from app.demos.gan import (
    SIDES,
    FreshParameters,
    MixParameters,
    _filmed,
    _game,
    _mixed,
    _on_axis,
)
from app.demos.kit import Bars, Block, Lanes, Plane
from models.families.gan import STYLE_GROUPS, Generator, relativistic_loss
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


def test_the_film_tells_how_far_the_discriminator_sees_through_it() -> None:
    moment = {"passes": 1000, "score_real": 1.5, "score_fake": -1.0, "loss_d": 0.5, "loss_g": 2.0}
    view = View(torch.zeros(9, 3, 64, 64), moment)
    scene = _filmed(view, View(view.images, {**moment, "score_fake": -4.5}))
    (bars,), (plane,) = parts_of(scene, Bars), parts_of(scene, Plane)
    assert [bar.text for bar in bars.bars] == ["2.5", "6.0"]
    assert len(plane.shapes) == 64 + 2 * 9
    assert (scene.numbers["drawn"], scene.numbers["drawn_bad"]) == ("-1.0", "-4.5")


@pytest.mark.parametrize("group", STYLE_GROUPS)
def test_the_layers_of_the_group_take_the_other_style(group: str) -> None:
    begin, end = STYLE_GROUPS[group]
    blocks = parts_of(_mixed(MixParameters(layers=group)), Block)
    assert [block.second for block in blocks] == [begin <= i < end for i in range(8)]


def test_every_layer_has_its_resolution() -> None:
    generator, sides = Generator(), []
    for conv in generator.convs:
        conv.register_forward_hook(lambda _, __, out: sides.append(out.shape[-1]))
    generator(torch.zeros(1, 64), generator.noise_maps(1, torch.device("cpu")))
    assert sides == SIDES

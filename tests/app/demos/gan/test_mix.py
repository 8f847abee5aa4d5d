"""The generator's layers are those that take a style."""

from __future__ import annotations

import pytest
import torch

from app.demos.gan.mix import SIDES, MixParameters, _mixed
from app.demos.kit import Block
from models.families.gan import STYLE_GROUPS, Generator
from tests.support.parts import parts_of


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

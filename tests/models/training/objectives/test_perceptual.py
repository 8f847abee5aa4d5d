"""Pictures that look alike are near each other."""

from __future__ import annotations

import pytest
import torch.nn.functional as F

from models.data.gallery import gallery
from models.parts.efficientnet import EfficientNetLite, lite0
from models.training.objectives.perceptual import PerceptualLoss

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network() -> EfficientNetLite:
    return lite0()


def test_equal_pictures_are_no_distance_apart_and_a_blur_is_far(network: EfficientNetLite) -> None:
    faces = gallery().images[:16]
    loss = PerceptualLoss(network, faces)
    blurred = F.interpolate(F.avg_pool2d(faces, 4), scale_factor=4, mode="bilinear")
    tinted = faces + (blurred - faces).abs().mean()  # as far, pixel by pixel
    assert loss(faces, faces) == 0
    assert loss(faces, blurred) > 1.5 * loss(faces, tinted)


def test_the_rebuilt_picture_alone_hears(network: EfficientNetLite) -> None:
    faces = gallery().images[:4]
    rebuilt = (0.5 * faces).requires_grad_()
    loss = PerceptualLoss(network, faces)
    loss(faces, rebuilt).backward()
    assert rebuilt.grad is not None
    assert rebuilt.grad.abs().max() > 0
    assert not any(parameter.requires_grad for parameter in loss.parameters())

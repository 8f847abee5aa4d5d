"""Ways from noise to image, in numbers."""

from __future__ import annotations

import pytest
import torch

from app.demos.diffusion.paths import shares


def test_a_way_begins_at_noise_alone_and_is_split_into_noise_and_image() -> None:
    noise, image = torch.tensor([2.0, 0.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 1.0, 0.0])
    assert shares(noise, noise) == (0, 1)
    rest, share = shares(0.25 * noise + image, noise)
    assert share == pytest.approx(0.25)
    assert rest == pytest.approx(0.5**0.5)

"""The autoencoder of latent diffusion."""

from __future__ import annotations

import pytest
import torch

from models.parts.autoencoder import CHANNELS, PIXELS, SIDE, Autoencoder, reconstruction_loss
from tests.models.tiny import pictures, randomized


@pytest.fixture
def autoencoder() -> Autoencoder:
    return randomized(Autoencoder(widths=(8, 16)))


def test_the_latent_has_64_times_fewer_positions(autoencoder: Autoencoder) -> None:
    latents = autoencoder.encode(pictures(2, PIXELS))
    assert latents.shape == (2, CHANNELS, SIDE, SIDE)
    assert PIXELS**2 == 64 * SIDE**2
    assert autoencoder.decode(latents).shape == (2, 3, PIXELS, PIXELS)


def test_the_scale_is_undone_by_the_decoder(autoencoder: Autoencoder) -> None:
    images = pictures(1, PIXELS)
    mu, logvar = autoencoder.moments(images)
    assert logvar.min() >= -20
    assert logvar.max() <= 4
    before = autoencoder.decode(autoencoder.encode(images))
    autoencoder.scale.fill_(3.0)
    assert torch.allclose(autoencoder.encode(images), 3 * mu)
    assert torch.allclose(autoencoder.decode(autoencoder.encode(images)), before, atol=1e-4)


def test_colours_are_a_linear_map_with_offset_clipped(autoencoder: Autoencoder) -> None:
    autoencoder.to_rgb.copy_(torch.randn(CHANNELS + 1, 3))
    latents = torch.randn(2, CHANNELS, SIDE, SIDE)
    colours = autoencoder.colors(latents)
    assert colours.shape == (2, 3, SIDE, SIDE)
    pixel = latents[1, :, 3, 5] @ autoencoder.to_rgb[:-1] + autoencoder.to_rgb[-1]
    assert torch.allclose(colours[1, :, 3, 5], pixel.clamp(-1, 1), atol=1e-5)
    assert colours.abs().max() <= 1


def test_the_loss_is_the_absolute_error_and_the_pyramid_s() -> None:
    images = pictures(2) / 2
    assert reconstruction_loss(images, images) == 0
    assert reconstruction_loss(images, images - 0.25).item() == pytest.approx(0.5, abs=1e-5)

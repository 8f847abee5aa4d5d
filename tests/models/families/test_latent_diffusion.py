"""Diffusion in the latent space and its attention maps."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.families.latent_diffusion import sensitivity
from models.parts.autoencoder import Autoencoder
from tests.models.tiny import randomized


class Louder(nn.Module):
    """A decoder that is twice as loud in the upper half and silent at one place."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.ones(4, 4)
        self.gain[:2] = 2
        self.gain[3, 3] = 0

    def decode(self, z: Tensor) -> Tensor:
        """[n, 2, 4, 4] → [n, 2, 32, 32]."""
        return (z * self.gain).repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_places_weigh_what_their_change_changes_in_the_image() -> None:
    decoder = Louder()
    probe = torch.randn(4000, 2, 32, 32)
    weight = sensitivity(decoder.decode, torch.randn(4000, 2, 4, 4), probe)
    assert weight.shape == (4000, 1, 4, 4)
    assert torch.allclose(weight.mean((2, 3)), torch.ones(4000, 1), atol=1e-5)
    mean = weight.mean(0)[0]
    expected = decoder.gain.square() / decoder.gain.square().mean()
    assert torch.allclose(mean, expected, atol=0.1)
    assert mean[3, 3] == 0


def test_the_decoder_s_own_jacobian_is_estimated_without_bias() -> None:
    autoencoder = randomized(Autoencoder(widths=(8, 8)))
    z = torch.randn(1, 4, 2, 2)
    jacobian = torch.autograd.functional.jacobian(autoencoder.decode, z)
    exact = jacobian.square().sum((0, 1, 2, 3, 4, 5))
    probe = torch.randn(3000, 3, 16, 16)
    weight = sensitivity(autoencoder.decode, z.expand(3000, -1, -1, -1), probe).mean(0)[0]
    # Normalized one by one, so that the mean of ratios is near the ratio of means.
    assert torch.allclose(weight, exact / exact.mean(), rtol=0.25)
    assert not weight.requires_grad

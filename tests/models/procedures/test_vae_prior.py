"""Draws from the learned prior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from models.families.vae import SAMPLING
from models.families.vae_prior import VAEPrior
from models.procedures.vae_prior import VAEPriorSampler
from models.runtime.errors import OutOfRangeError
from tests.models.tiny import Straight

if TYPE_CHECKING:
    from models.families.vae import VAE

pytestmark = pytest.mark.usefixtures("exact")


@pytest.mark.parametrize("steps", [1, 7])
def test_a_straight_flow_arrives_in_any_number_of_steps(vae: VAE, steps: int) -> None:
    code = torch.randn(vae.latent)
    sampler = VAEPriorSampler(Straight(code), vae)
    view = sampler.run(sampler.request(n=3, seed=2, num_steps=steps))
    assert torch.allclose(view.extras["z"], code.expand(3, -1), atol=1e-5)
    decoded = vae.decode(view.extras["z"], torch.full((3,), SAMPLING)).clamp(-1, 1)
    assert torch.allclose(view.images, decoded, atol=1e-5)


@pytest.mark.parametrize("steps", [0, 201])
def test_the_number_of_steps_has_limits(vae: VAE, steps: int) -> None:
    sampler = VAEPriorSampler(VAEPrior(latent=vae.latent, dim=8, blocks=1), vae)
    with pytest.raises(OutOfRangeError) as refusal:
        sampler.request(num_steps=steps)
    assert (refusal.value.values["low"], refusal.value.values["high"]) == (1, 200)

"""The rectified flow over the VAE's latents."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from models.families.vae import VAE
from models.families.vae_prior import VAEPrior, euler_step, flow_loss
from models.procedures.vae_prior import VAEPriorSampler
from models.runtime.errors import OutOfRangeError
from tests.models.tiny import randomized

pytestmark = pytest.mark.usefixtures("exact")


class Straight(VAEPrior):
    """The velocity towards one code, known in closed form: (z - code) / t."""

    def __init__(self, code: Tensor) -> None:
        super().__init__(latent=len(code), dim=8, blocks=1)
        self.code = nn.Buffer(code)

    def forward(self, z: Tensor, t: Tensor) -> Tensor:
        return (z - self.code) / t[:, None]


@pytest.fixture(scope="module")
def vae() -> VAE:
    return randomized(VAE(latent=6, widths=(8, 8, 8)))


@pytest.mark.parametrize("steps", [1, 7])
def test_a_straight_flow_arrives_in_any_number_of_steps(vae: VAE, steps: int) -> None:
    code = torch.randn(6)
    sampler = VAEPriorSampler(Straight(code), vae)
    view = sampler.run(sampler.request(n=3, seed=2, num_steps=steps))
    assert torch.allclose(view.extras["z"], code.expand(3, -1), atol=1e-5)
    assert torch.allclose(view.images, vae.decode(view.extras["z"]).clamp(-1, 1), atol=1e-5)


def test_the_true_velocity_costs_nothing() -> None:
    code, epsilon, t = torch.randn(6), torch.randn(5, 6), torch.rand(5) * 0.9 + 0.1
    z = code.expand(5, -1)
    assert flow_loss(Straight(code), z, epsilon, t).item() == pytest.approx(0, abs=1e-9)
    untrained = VAEPrior(latent=6, dim=8, blocks=1)
    nn.init.zeros_(untrained.out.bias)
    expected = (epsilon - z).square().mean()  # it starts by predicting no movement
    assert torch.allclose(flow_loss(untrained, z, epsilon, t), expected)


def test_the_velocity_depends_on_point_and_time() -> None:
    prior = randomized(VAEPrior(latent=6, dim=16, blocks=2))
    z, t = torch.randn(4, 6), torch.rand(4)
    assert prior(z, t).shape == (4, 6)
    assert (prior(z, t) - prior(z + 1, t)).abs().max() > 1e-3
    assert (prior(z, t) - prior(z, t / 2)).abs().max() > 1e-3


@pytest.mark.parametrize("steps", [0, 201])
def test_the_number_of_steps_has_limits(vae: VAE, steps: int) -> None:
    sampler = VAEPriorSampler(VAEPrior(latent=6, dim=8, blocks=1), vae)
    with pytest.raises(OutOfRangeError) as refusal:
        sampler.request(num_steps=steps)
    assert (refusal.value.values["low"], refusal.value.values["high"]) == (1, 200)


def test_a_step_follows_the_velocity_for_its_length() -> None:
    prior = randomized(VAEPrior(latent=4, dim=8, blocks=1))
    z, t, length = torch.randn(3, 4), torch.tensor([1.0, 0.5, 0.2]), torch.tensor([0.5, 0.1, 0.2])
    stepped = euler_step(prior, z, t, length)
    assert torch.allclose((z - stepped) / length[:, None], prior(z, t), atol=1e-5)

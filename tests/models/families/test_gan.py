"""Modulation, truncation, mixing and the film of the style-based GAN."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from models.families.gan import (
    NOISE_LAYERS,
    STYLE_GROUPS,
    Discriminator,
    Generator,
    StyledConv,
    W,
    Z,
    discriminator_loss_2014,
    generator_loss_2014,
    gradient_penalty,
    mix_styles,
    relativistic_loss,
)
from tests.models.tiny import pictures


def test_modulation_equals_a_weight_per_image() -> None:
    """StyleGAN2, equations 1 and 3: scale the weight by the style, then to unit norm."""
    torch.manual_seed(0)
    conv = StyledConv(6, 5).requires_grad_(False)
    x, w = torch.randn(3, 6, 8, 8), torch.randn(3, W)
    style = conv.style(w)
    expected = []
    for i in range(3):
        weight = conv.weight * conv.gain * style[i][None, :, None, None]
        weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        expected.append(F.conv2d(x[i : i + 1], weight, padding=1))
    plain = F.leaky_relu(torch.cat(expected), 0.2) * 2**0.5
    assert torch.allclose(conv(x, w, torch.zeros(3, 1, 8, 8)), plain, atol=1e-4)


def test_noise_enters_the_coarse_layers_alone(generator: Generator) -> None:
    assert generator.sides == [4, 4, 8, 8]
    assert all(
        (c.noise_strength is not None) == (i < NOISE_LAYERS) for i, c in enumerate(generator.convs)
    )
    styles = generator.map(torch.randn(2, Z))[:, None].expand(-1, generator.layers, -1)
    noise_maps = generator.noise_maps(2, torch.device("cpu"))
    still = generator.synthesize(styles, noise_maps)
    for i in range(NOISE_LAYERS):
        other = [torch.randn_like(g) if j == i else g for j, g in enumerate(noise_maps)]
        assert (generator.synthesize(styles, other) - still).abs().max() > 1e-3


def test_mapping_ignores_the_length_of_z(generator: Generator) -> None:
    z = torch.randn(4, Z)
    assert torch.allclose(generator.map(z), generator.map(3 * z), atol=1e-4)


def test_truncation_moves_styles_toward_the_mean(generator: Generator) -> None:
    w = generator.map(torch.randn(2, Z))
    half = generator.truncate(w, torch.tensor([0.5, 1.0]))
    assert torch.allclose(half[0], (w[0] + generator.w_mean) / 2, atol=1e-6)
    assert torch.allclose(half[1], w[1], atol=1e-6)


def test_style_groups_cover_all_layers_once(generator: Generator) -> None:
    layers = [i for begin, end in STYLE_GROUPS.values() for i in range(begin, end)]
    assert layers == list(range(generator.layers))


def test_the_discriminator_scores_images_one_by_one(discriminator: Discriminator) -> None:
    images = pictures(4)
    scores = discriminator(images)
    assert scores.shape == (4,)
    assert torch.allclose(scores[:1], discriminator(images[:1]), atol=1e-4)


def test_an_image_takes_its_later_styles_from_the_one_before() -> None:
    styles = torch.arange(3.0)[:, None, None].expand(3, 4, 2)
    mixed = mix_styles(styles, torch.tensor([[1], [4], [3]]))
    assert mixed[..., 0].tolist() == [[0, 2, 2, 2], [1, 1, 1, 1], [2, 2, 2, 1]]


def test_without_cuts_images_keep_their_styles(generator: Generator) -> None:
    z = torch.randn(2, Z)
    noise_maps = generator.noise_maps(2, z.device)
    whole = torch.full((2, 1), generator.layers)
    assert torch.equal(generator(z, noise_maps), generator(z, noise_maps, whole))
    cut = torch.full((2, 1), 3)
    assert not torch.allclose(generator(z, noise_maps), generator(z, noise_maps, cut), atol=1e-3)


def test_relativistic_pairs_cost_log_2_when_equal_and_nothing_when_won() -> None:
    scores = torch.randn(5)
    assert relativistic_loss(scores, scores).item() == pytest.approx(math.log(2))
    assert relativistic_loss(scores + 50, scores) < 1e-6
    assert relativistic_loss(scores - 50, scores).item() == pytest.approx(50)


def test_the_losses_of_2014_are_those_of_a_classifier() -> None:
    real, fake = torch.randn(6), torch.randn(6)
    ones, zeros = torch.ones(6), torch.zeros(6)
    entropy = F.binary_cross_entropy_with_logits
    expected = entropy(real, ones) + entropy(fake, zeros)
    assert discriminator_loss_2014(real, fake).item() == pytest.approx(expected.item(), rel=1e-5)
    assert generator_loss_2014(fake).item() == pytest.approx(entropy(fake, ones).item(), rel=1e-5)


def test_the_penalty_is_the_squared_gradient_of_the_logit() -> None:
    class Plane(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return (images * 2).sum((1, 2, 3))

    assert gradient_penalty(Plane(), torch.zeros(3, 3, 4, 4)).item() == pytest.approx(4 * 48)


def test_the_penalty_trains_the_discriminator() -> None:
    network = Discriminator()
    gradient_penalty(network, pictures(2)).backward()
    assert network.stem.weight.grad is not None
    assert network.stem.weight.grad.abs().max() > 0

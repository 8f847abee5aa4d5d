"""Fresh faces, style mixing and the film."""

from __future__ import annotations

import pytest
import torch

from models.families.gan import (
    STYLE_GROUPS,
    Discriminator,
    Generator,
    W,
)
from models.procedures.gan import GANFilm, GANJudge, GANSampler, GANStyleMixing
from tests.models.tiny import made_generator, pictures


def test_full_truncation_draws_the_mean_face(
    generator: Generator, discriminator: Discriminator
) -> None:
    sampler = GANSampler(generator, discriminator)
    state = sampler.start(sampler.request(n=3, seed=1, truncation=0.0))
    sampler.step([state])
    mean = generator.w_mean.expand(3, generator.layers, W)
    assert torch.allclose(state.images, generator.synthesize(mean, state.noise_maps).clamp(-1, 1))


@pytest.mark.parametrize("group", STYLE_GROUPS)
def test_mixing_replaces_one_group_of_styles(
    generator: Generator, discriminator: Discriminator, group: str
) -> None:
    mixing = GANStyleMixing(generator, discriminator)
    request = mixing.request(seed=1, seed_b=2, layers=group)
    view = mixing.run(request)
    sampler = GANSampler(generator, discriminator)
    for row, seed in enumerate((1, 2)):
        alone = sampler.run(sampler.request(n=1, seed=seed)).images
        assert torch.allclose(view.images[row : row + 1], alone, atol=1e-5)
    state = mixing.start(request)
    styles = generator.map(state.z)[:, None].repeat(1, generator.layers, 1)
    begin, end = STYLE_GROUPS[group]
    styles[2, begin:end] = styles[1, begin:end]
    expected = generator.synthesize(styles, state.noise_maps).clamp(-1, 1)[2]
    assert torch.allclose(view.images[2], expected, atol=1e-5)
    assert not torch.allclose(view.images[2], view.images[0], atol=1e-3)


def test_the_film_draws_one_seed_with_every_snapshot(discriminator: Discriminator) -> None:
    snapshots = [made_generator(seed) for seed in range(3)]
    moments = [{"passes": 100.0 * i, "loss_g": float(i)} for i in range(3)]
    film = GANFilm(snapshots, discriminator, moments)
    request = film.request(n=2, seed=5)
    state = film.start(request)
    for snapshot, moment in zip(snapshots, moments, strict=True):
        film.step([state])
        view = film.preview(state)
        sampler = GANSampler(snapshot, discriminator)
        alone = sampler.run(sampler.request(n=2, seed=5))
        assert torch.allclose(view.images, alone.images, atol=1e-5)
        assert torch.allclose(view.extras["score"], discriminator(alone.images), atol=1e-4)
        assert {k: view.extras[k] for k in moment} == moment
    assert state.done


@pytest.mark.parametrize("psi", [-0.1, 1.5])
def test_truncation_has_limits(
    generator: Generator, discriminator: Discriminator, psi: float
) -> None:
    with pytest.raises(ValueError, match="low=0, high=1"):
        GANSampler(generator, discriminator).start(
            GANSampler(generator, discriminator).request(truncation=psi)
        )


def test_an_unknown_style_group_is_named(
    generator: Generator, discriminator: Discriminator
) -> None:
    with pytest.raises(ValueError, match="'finest'"):
        GANStyleMixing(generator, discriminator).start(
            GANStyleMixing(generator, discriminator).request(layers="finest")
        )


def test_given_pictures_are_judged_by_the_discriminator(discriminator: Discriminator) -> None:
    judge, images = GANJudge(discriminator), pictures(3)
    view = judge.run(judge.request(images=images))
    assert torch.equal(view.images, images)
    assert torch.allclose(view.extras["score"], discriminator(images), atol=1e-5)

"""Distances between sets of images."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from models.data.gallery import gallery
from models.evaluation.distances import (
    PATCHES_PER_IMAGE,
    frechet_distance,
    kernel_distance,
    laplacian_pyramid,
    patches,
    sharpness,
    sliced_wasserstein,
)

pytestmark = pytest.mark.slow


def test_frechet_distance_of_a_set_to_itself_is_zero() -> None:
    a = torch.randn(300, 6)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_a_shift_costs_its_square() -> None:
    a = torch.randn(300, 6)
    shift = torch.tensor([1.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    assert frechet_distance(a, a + shift) == pytest.approx(5, rel=1e-4)


def test_frechet_distance_of_gaussians_in_closed_form() -> None:
    """Commuting covariances: Σ (σ_a - σ_b)²."""
    a = torch.randn(400, 3, dtype=torch.float64)
    a = (a - a.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(a.T))).T
    b = a * torch.tensor([2.0, 1.0, 3.0])
    assert frechet_distance(a, b) == pytest.approx(1 + 0 + 4, rel=1e-5)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-5)


def test_the_kernel_distance_is_unbiased() -> None:
    """Of halves of one set it is near 0, on either side; of a set and its shift it is not."""
    generator = torch.Generator().manual_seed(0)
    halves = [torch.randn(60, 8, generator=generator) for _ in range(40)]
    pairs = zip(halves[::2], halves[1::2], strict=True)
    same = torch.tensor([kernel_distance(a, b) for a, b in pairs])
    assert same.min() < 0 < same.max()
    assert abs(float(same.mean())) < 3 * float(same.std()) / 20**0.5
    assert kernel_distance(halves[0], halves[1] + 1) > 10 * same.abs().max()


def test_the_kernel_distance_of_two_pairs_by_hand() -> None:
    a, b = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [0.0]])
    # Kernels: a·a = (0·1 + 1)³ = 1, b·b = 1, a·b = 1, 1, 27, 1.
    assert kernel_distance(a, b) == pytest.approx(1 + 1 - 2 * 30 / 4)


def faces(n: int) -> torch.Tensor:
    images = gallery(64).images
    return images.repeat(-(-n // len(images)), 1, 1, 1)[:n]


def test_bands_add_up_to_the_image() -> None:
    images = torch.rand(2, 3, 64, 64)
    fine, middle, coarse = laplacian_pyramid(images)
    for band in (middle, fine):
        coarse = band + F.interpolate(coarse, size=band.shape[-1], mode="bilinear")
    assert torch.allclose(coarse, images, atol=1e-6)


def test_patches_are_standardized_and_cut_at_the_same_places() -> None:
    images = torch.rand(5, 3, 32, 32)
    cut = patches(images, seed=3)
    assert cut.shape == (5 * PATCHES_PER_IMAGE, 3 * 7 * 7)
    assert torch.allclose(cut.unflatten(1, (3, 49)).mean((0, 2)), torch.zeros(3), atol=1e-5)
    assert torch.equal(cut, patches(images, seed=3))
    assert torch.allclose(cut, patches(images * 4 + 1, seed=3), atol=1e-4)


def test_a_blur_is_seen_at_the_finest_level_most() -> None:
    images = faces(200)
    blurred = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    same = sliced_wasserstein(images, images)
    fine, _, coarse = sliced_wasserstein(images, blurred)
    assert fine > 2 * same[0]
    assert fine > 2 * coarse


def test_noise_is_seen_by_the_sliced_distance() -> None:
    images = faces(200)
    noisy = images + 0.2 * torch.randn_like(images)
    assert sliced_wasserstein(images, noisy)[0] > 3 * sliced_wasserstein(images, images)[0]


def test_sets_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="equally many"):
        sliced_wasserstein(faces(4), faces(5))


def test_a_blur_is_less_sharp_and_noise_more() -> None:
    images = faces(8)
    blurred = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    assert (sharpness(blurred) < sharpness(images)).all()
    assert (sharpness(images + 0.2 * torch.randn_like(images)) > sharpness(images)).all()

"""Fixtures of the model tests."""

from __future__ import annotations

import pytest
import torch

from models.families.autoregressive import TokenGPT
from models.families.flow import Flow
from models.families.gan import Discriminator, Generator
from models.families.patch_autoregressive import PatchGPT
from models.families.vae import VAE
from models.parts.autoencoder import Autoencoder
from models.runtime import precision
from tests.models.tiny import made_generator, randomized


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Random inputs are the same in every run and in any order."""
    torch.manual_seed(0)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32, whatever this processor prefers: for mathematics, which bfloat16 would blur."""
    monkeypatch.setattr(precision, "fast_dtype", lambda device="cpu": torch.float32)


@pytest.fixture(scope="session")
def flow() -> Flow:
    """A small one of colour images."""
    return randomized(Flow(side=8, patch=4, dim=16, layers=2, heads=2, blocks=3))


@pytest.fixture(scope="session")
def gray() -> Flow:
    """As the flow of photos, but small."""
    return randomized(Flow(8, 4, 16, 1, 2, 2, channels=1, noise=0.0, triangular=True, components=3))


@pytest.fixture(scope="session")
def gpt() -> TokenGPT:
    """A small one of image tokens."""
    return randomized(TokenGPT(dim=24, layers=2, heads=2))


@pytest.fixture(scope="session")
def autoencoder() -> Autoencoder:
    """A small one of 128×128 images."""
    autoencoder = randomized(Autoencoder(widths=(8, 16)))
    autoencoder.to_rgb.copy_(torch.randn(5, 3, generator=torch.Generator().manual_seed(0)))
    return autoencoder


@pytest.fixture(scope="session")
def pixel_gpt() -> PatchGPT:
    """A small one of raw pixels."""
    return randomized(PatchGPT(dim=12, layers=2, local_dim=8, local_layers=1))


@pytest.fixture(scope="session")
def vae() -> VAE:
    """A small one with eight latent values."""
    return randomized(VAE(latent=8, widths=(8, 16, 16)))


@pytest.fixture(scope="session")
def generator() -> Generator:
    """One whose noise maps are seen."""
    return made_generator(0)


@pytest.fixture(scope="session")
def discriminator() -> Discriminator:
    """An untrained one."""
    torch.manual_seed(9)
    return Discriminator().eval().requires_grad_(False)

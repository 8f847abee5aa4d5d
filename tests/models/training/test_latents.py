"""Pictures are encoded once, and anew when the encoder or the pictures change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from models.data.dataset import Worlds
from models.parts.autoencoder import SIDE, Autoencoder
from models.training import latents as module
from models.training.latents import latents
from tests.models.tiny import randomized
from tests.models.training.few import COUNT, use_few_images

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    use_few_images(monkeypatch)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    return Worlds("train", COUNT, size=128)


def test_they_are_read_again_up_to_half_precision(pictures: Worlds, tmp_path: Path) -> None:
    net = randomized(Autoencoder(widths=(8, 8)))
    first = latents(net, pictures, "cpu")
    assert first.shape == (2 * COUNT, 4, SIDE, SIDE)
    assert torch.equal(first[:COUNT], net.encode(pictures.worlds[0].take(slice(0, COUNT))))
    net.encode = None  # type: ignore[assignment,method-assign]  # not called again
    assert torch.allclose(latents(net, pictures, "cpu"), first, atol=2e-3, rtol=2e-3)
    assert len(list(tmp_path.iterdir())) == 1


def test_other_weights_or_pictures_are_encoded_anew(pictures: Worlds, tmp_path: Path) -> None:
    net = randomized(Autoencoder(widths=(8, 8)))
    before = latents(net, pictures, "cpu")
    net.scale.fill_(2.0)
    after = latents(net, pictures, "cpu")
    assert torch.allclose(after, before * 2 / 1.0, atol=1e-4)
    pictures.worlds[1].images[0] = 0
    latents(net, pictures, "cpu")
    assert len(list(tmp_path.iterdir())) == 3

"""The inner tokens of a denoiser are compared with CLIP's features of the clean picture."""

from __future__ import annotations

import pytest
import torch

from models.data.dataset import Worlds
from models.parts.clip import CLIP, TOKEN_WIDTH, WIDTH
from models.parts.conditions import Conditions
from models.parts.denoiser import Denoiser
from models.training.objectives.alignment import STAGE, Alignment, features_of
from tests.models.tiny import randomized
from tests.models.training.few import COUNT, use_few_images


@pytest.fixture
def net() -> Denoiser:
    return randomized(Denoiser(channels=4, patch=1, width=8, dim=16, layers=2))


def conditions(n: int) -> Conditions:
    return Conditions(
        tokens=torch.randn(n, 3, TOKEN_WIDTH),
        pooled=torch.randn(n, WIDTH),
        mask=torch.ones(n, 3, dtype=torch.bool),
    )


def run(net: Denoiser, n: int) -> None:
    net(torch.randn(n, 4, 16, 16), torch.rand(n), conditions(n))


def test_it_is_the_mean_of_one_less_the_cosine(net: Denoiser) -> None:
    alignment = Alignment(net)
    with pytest.raises(RuntimeError, match="not run"):
        alignment(torch.zeros(3, 64, WIDTH))
    run(net, 3)
    read = alignment.read(alignment._tokens)
    assert read.shape == (3, 64, WIDTH)
    assert alignment(read * 2).item() == pytest.approx(0, abs=1e-5)
    assert alignment(-read).item() == pytest.approx(2, abs=1e-5)


def test_the_denoiser_learns_by_it(net: Denoiser) -> None:
    net.requires_grad_(True)
    alignment, target = Alignment(net), torch.randn(4, 64, WIDTH)
    optimizer = torch.optim.Adam([*net.parameters(), *alignment.parameters()], 1e-2)
    x, t, given = torch.randn(4, 4, 16, 16), torch.rand(4), conditions(4)
    losses = []
    for _ in range(40):
        net(x, t, given)
        loss = alignment(target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert net.stem.weight.grad is not None
    assert net.stem.weight.grad.abs().sum() > 0
    assert losses[-1] < losses[0] - 0.1


def test_features_are_those_of_the_image_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_images(monkeypatch)
    clip, pictures = randomized(CLIP()), Worlds("train", COUNT, 128)
    features = features_of(clip, pictures, "cpu")
    assert features.shape == (2 * COUNT, 64, WIDTH)
    assert features.float().mean((0, 1)).abs().max() < 0.05
    # Undone, the scaling of each channel gives what the encoder saw.
    seen = torch.cat([clip.image.stages(part)[STAGE] for part in pictures.parts(COUNT)])
    seen = seen.flatten(2).mT
    for channel in (0, 5):
        pair = torch.stack([features[..., channel].float().flatten(), seen[..., channel].flatten()])
        assert torch.corrcoef(pair)[0, 1] > 0.999

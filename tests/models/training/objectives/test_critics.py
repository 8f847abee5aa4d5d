"""Critics see through a frozen encoder, and how much a group of pictures varies."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery
from models.families.gan import gradient_penalty, relativistic_loss
from models.parts.clip import ImageEncoder
from models.training.objectives.critics import GROUP, Critics, SpreadCritic
from tests.models.tiny import pictures

pytestmark = pytest.mark.slow


@pytest.fixture
def critics() -> Critics:
    return Critics(ImageEncoder(), gallery().images[:64])


def test_every_channel_of_every_stage_is_standardized(critics: Critics) -> None:
    for seen in critics.see(gallery().images[:64]):
        over = (0, *range(2, seen.ndim))
        assert seen.mean(over).abs().max() < 1e-3
        assert (seen.std(over) - 1).abs().max() < 0.05


def test_stages_are_seen_from_fine_to_coarse_and_end_with_the_answer() -> None:
    encoder = ImageEncoder().eval()
    faces = gallery().images[:2]
    stages = encoder.stages(faces)
    assert [tuple(s.shape[2:]) for s in stages] == [(16, 16), (8, 8), (4, 4), ()]
    assert torch.equal(stages[-1], encoder(faces))


def test_the_encoder_stays_as_it_is_and_the_picture_hears(critics: Critics) -> None:
    faces = pictures(8).requires_grad_()
    scores = critics(*critics.see(faces))
    assert scores.shape == (4, 8)
    scores.sum().backward()
    assert faces.grad is not None
    assert faces.grad.abs().max() > 0
    assert all(p.grad is None for p in critics.encoder.parameters())
    assert all(p.grad is not None for p in critics.critics.parameters())


def test_a_picture_is_scored_among_its_own_group() -> None:
    critic = SpreadCritic(6, 16)
    x = torch.randn(2 * GROUP, 6)
    scores = critic(x)
    x[-1] += 5  # of the second group
    moved = critic(x) - scores
    assert moved[:GROUP].abs().max() == 0
    assert moved[GROUP:].abs().min() > 0


def test_the_spread_of_equal_pictures_is_none() -> None:
    """Only the spread can tell equal pictures from varied ones with the same mean."""
    critic = SpreadCritic(1, 16)
    with torch.no_grad():
        critic.first.weight[:, 0] = 0  # blind to the picture itself
    alike, varied = torch.zeros(GROUP, 1), torch.linspace(-1, 1, GROUP)[:, None]
    assert (critic(alike) - critic(varied)).abs().max() > 1e-3
    assert torch.allclose(critic(varied), critic(-varied), atol=1e-6)


def test_the_penalties_of_several_inputs_add_up() -> None:
    def plane(x: Tensor, y: Tensor) -> Tensor:
        return 2 * x.sum(1) + 3 * y.sum((1, 2))

    penalty = gradient_penalty(plane, torch.randn(5, 4), torch.randn(5, 2, 3))
    assert penalty.item() == pytest.approx(4 * 4 + 9 * 6)


def test_critics_learn_to_tell_drawn_from_real(critics: Critics) -> None:
    faces = gallery().images
    optimizer = torch.optim.Adam(critics.critics.parameters(), 2e-3, (0.0, 0.99))
    losses = []
    for step in range(30):
        real = faces[8 * step % 64 : 8 * step % 64 + 8]
        drawn = faces[64:72].roll(step, 0).flip(2)  # upside down
        told = [critics(*critics.see(x)) for x in (real, drawn)]
        loss = relativistic_loss(*told)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(0.69, abs=0.2)
    assert sum(losses[-5:]) / 5 < 0.2

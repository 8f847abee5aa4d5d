"""What the scene of latent diffusion says of words and steps is so."""

from __future__ import annotations

import pytest
import torch

from app.demos.latent.prompt import ROWS, WIDTH, PromptParameters, PromptToImage, _strips
from tests.support.finished import last_scene

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_words_share_their_picture_and_none_is_lost(count: int) -> None:
    filled = _strips(torch.arange(1.0, count + 1)[:, None].expand(-1, WIDTH))
    assert filled is not None
    assert len(filled) == ROWS * WIDTH
    assert set(filled.tolist()) - {0.0} == {float(i + 1) for i in range(count)}


async def test_the_prompt_s_numbers_are_those_of_its_step() -> None:
    scene = await last_scene(
        PromptToImage(), PromptParameters(guidance_scale=3), latent=torch.zeros(1, 4, 16, 16),
        words=("a", "lake"), tokens=torch.ones(2, 128), t=450, t_before=500,
    )  # fmt: skip
    assert scene.at == "step"
    assert scene.numbers["words"] == "2"
    assert (scene.numbers["z"], scene.numbers["next"]) == ("t = 500", "s = 450")
    assert scene.numbers["scale"] == "3"
    assert float(scene.numbers["alpha"]) == pytest.approx(0.702, abs=0.01)
    assert "Step 1 of 1, to t = 450" in scene.text

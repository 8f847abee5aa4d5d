"""Where a word acts is told as it was in the run."""

from __future__ import annotations

import pytest
import torch

from app.demos.latent.attention import Attention
from app.demos.latent.prompt import PromptParameters
from tests.support.finished import last_scene

pytestmark = pytest.mark.anyio


async def test_it_is_told_where_a_word_acts() -> None:
    maps = torch.zeros(4, 16, 16)
    maps[1, 0, 15] = maps[3, 15, 0] = 1
    prompt = "a sunset over mountains"
    scene = await last_scene(Attention(), PromptParameters(prompt=prompt), attention=maps)
    assert "“sunset” acts most at the top right." in scene.text
    assert "“mountains” acts most at the bottom left." in scene.text
    assert "“over”" not in scene.text

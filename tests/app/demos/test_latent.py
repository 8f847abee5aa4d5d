"""Slides 4 and 7: what the scenes of latents and of noise say is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.demos.latent import (
    ROWS,
    WIDTH,
    Attention,
    PromptParameters,
    PromptToImage,
    _strips,
    channels,
)
from app.demos.latent_space import STEPS, Compress, CompressParameters, Cost
from app.demos.noising import Noising, NoisingParameters
from app.demos.parameters import Parameters
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context
    from app.demos.demo import Demo
    from app.demos.kit import Scene

pytestmark = pytest.mark.anyio


async def last(demo: Demo[Any], p: Parameters, **extras: Any) -> Scene:
    context = cast("Context", Finished(**extras))
    frames = [frame async for frame in demo.frames(context, p)]
    scene = frames[-1].scene
    assert scene is not None
    return scene


def test_a_latent_is_four_pictures_of_its_signs() -> None:
    latent = torch.zeros(1, 4, 2, 2)
    latent[0, 1] = 3
    latent[0, 2] = -3
    shown = channels(latent)
    assert shown is not None
    assert shown.shape == (4, 3, 2, 2)
    assert (shown[1, 0] > shown[1, 2]).all()  # red
    assert (shown[2, 2] > shown[2, 0]).all()  # blue
    assert torch.equal(shown[0], shown[3])


@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_words_share_their_picture_and_none_is_lost(count: int) -> None:
    filled = _strips(torch.arange(1.0, count + 1)[:, None].expand(-1, WIDTH))
    assert filled is not None
    assert len(filled) == ROWS * WIDTH
    assert set(filled.tolist()) - {0.0} == {float(i + 1) for i in range(count)}


async def test_the_prompt_s_numbers_are_those_of_its_step() -> None:
    scene = await last(
        PromptToImage(), PromptParameters(guidance_scale=3), latent=torch.zeros(1, 4, 16, 16),
        words=("a", "lake"), tokens=torch.ones(2, 128), t=450, t_before=500,
    )  # fmt: skip
    assert scene.at == "step"
    assert scene.numbers["words"] == "2"
    assert (scene.numbers["z"], scene.numbers["next"]) == ("t = 500", "s = 450")
    assert scene.numbers["scale"] == "3"
    assert float(scene.numbers["alpha"]) == pytest.approx(0.702, abs=0.01)
    assert "Step 1 of 1, to t = 450" in scene.text


async def test_it_is_told_where_a_word_acts() -> None:
    maps = torch.zeros(4, 16, 16)
    maps[1, 0, 15] = maps[3, 15, 0] = 1
    prompt = "a sunset over mountains"
    scene = await last(Attention(), PromptParameters(prompt=prompt), attention=maps)
    assert "“sunset” acts most at the top right." in scene.text
    assert "“mountains” acts most at the bottom left." in scene.text
    assert "“over”" not in scene.text


async def test_compression_counts_what_was_encoded() -> None:
    scene = await last(
        Compress(), CompressParameters(), originals=torch.zeros(1, 3, 128, 128),
        latent=torch.zeros(1, 4, 16, 16),
    )  # fmt: skip
    assert scene.numbers == {"before": "49,152", "after": "1,024", "ratio": "48"}
    assert "48 times fewer" in scene.text


async def test_cost_is_that_of_this_run() -> None:
    scene = await last(Cost(), Parameters())
    assert scene.numbers["time_pixels"] == scene.numbers["time_latents"] == "0.500 s"
    assert scene.numbers["rate_latents"] == f"{128**2 / STEPS / 0.5:,.0f}"
    assert "In pixels a step took 500 milliseconds for a picture of 64×64." in scene.text


async def test_noise_and_face_have_their_shares() -> None:
    scene = await last(
        Noising(), NoisingParameters(), t=500, alpha_bar=0.36, epsilon=torch.ones(1, 3, 64, 64)
    )
    assert scene.numbers["alpha_bar"] == "0.360"
    assert "0.60 times the face plus 0.80 times one draw of noise: 36%" in scene.text

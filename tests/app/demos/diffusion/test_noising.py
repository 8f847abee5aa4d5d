"""Noise and face have their shares."""

from __future__ import annotations

import pytest
import torch

from app.demos.diffusion.noising import Noising, NoisingParameters
from tests.support.finished import last_scene

pytestmark = pytest.mark.anyio


async def test_noise_and_face_have_their_shares() -> None:
    scene = await last_scene(
        Noising(), NoisingParameters(), t=500, alpha_bar=0.36, epsilon=torch.ones(1, 3, 64, 64)
    )
    assert scene.numbers["alpha_bar"] == "0.360"
    assert "0.60 times the face plus 0.80 times one draw of noise: 36%" in scene.text

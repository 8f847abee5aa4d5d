"""The cost is this run's."""

from __future__ import annotations

import pytest

from app.demos.latent.cost import STEPS, Cost
from app.demos.parameters import Parameters
from tests.support.finished import last_scene

pytestmark = pytest.mark.anyio


async def test_cost_is_that_of_this_run() -> None:
    scene = await last_scene(Cost(), Parameters())
    assert scene.numbers["time_pixels"] == scene.numbers["time_latents"] == "0.500 s"
    assert scene.numbers["rate_latents"] == f"{128**2 / STEPS / 0.5:,.0f}"
    assert "In pixels a step took 500 milliseconds for a picture of 64×64." in scene.text

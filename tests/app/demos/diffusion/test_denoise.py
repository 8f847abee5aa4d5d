"""What is taken away is the noise as it stands in the picture."""

from __future__ import annotations

import pytest
import torch

from app.demos.demo import UNHEARD
from app.demos.diffusion.denoise import Denoise, DenoiseParameters
from app.demos.diffusion.schedule import noise_share
from app.demos.kit import Picture
from models.families.diffusion import CosineSchedule, T
from tests.support.finished import Finished, last_scene
from tests.support.parts import parts_of

pytestmark = pytest.mark.anyio
SIDE = (1, 3, 64, 64)


async def test_image_less_noise_is_the_guess_times_alpha() -> None:
    t = 300
    x0, epsilon = torch.full(SIDE, 0.4), torch.full(SIDE, 0.5)
    alpha, sigma = CosineSchedule().alpha_sigma(torch.tensor([t / T]))
    before = alpha * x0 + sigma * epsilon
    scene = await last_scene(
        Denoise(), DenoiseParameters(), t_before=t, t=250, before=before, epsilon=epsilon, x0=x0,
        plain=x0, prompted=x0,
    )  # fmt: skip
    shown = {p.name: p.images for p in parts_of(scene, Picture) if p.images is not None}
    rebuilt = (shown["x"] - shown["epsilon sigma"]) / alpha
    assert torch.allclose(rebuilt, shown["x0 next"], atol=1e-5)


def test_there_is_nothing_but_noise_at_the_beginning_and_none_at_the_end() -> None:
    assert noise_share(T) == pytest.approx(1, abs=1e-3)
    assert noise_share(0) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(("scale", "heard"), [(0.0, False), (2.0, True)])
def test_a_prompt_that_is_not_heeded_is_said_to_be(scale: float, heard: bool) -> None:
    p = DenoiseParameters(prompt="a red afro", guidance_scale=scale)
    reading = Denoise().read(Finished(), p)  # type: ignore[arg-type]
    assert (UNHEARD in reading.notes) is not heard

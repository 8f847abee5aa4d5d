"""What latents save: one step of the same network on 128×128 pixels and on their latent.

Work does not depend on the weights, so the network for pixels need not be trained to be measured.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from models.data.captions.tokenizer import MAX_TOKENS
from models.families.latent_diffusion import latent_denoiser
from models.parts.clip import TOKEN_WIDTH, WIDTH
from models.parts.conditions import Conditions
from models.parts.denoiser import Denoiser
from models.runtime.timing import best_seconds

BATCH = 8


def measure_cost(channels: int = 4, side: int = 16) -> dict[str, Any]:
    """Operations and seconds of a step an image, in latents [channels, side, side] and in pixels.

    Returns:
        ``gflops`` and ``milliseconds`` of both and the ratio, pixels over latents.
    """
    latent = _step(latent_denoiser(), torch.randn(BATCH, channels, side, side))
    pixels = _step(Denoiser(patch=4, grid=16), torch.randn(BATCH, 3, 8 * side, 8 * side))
    ratio = {key: round(pixels[key] / latent[key], 2) for key in latent}
    return {"latent": latent, "pixels": pixels, "ratio": ratio}


@torch.inference_mode()
def _step(net: Denoiser, x: Tensor) -> dict[str, float]:
    n = len(x)
    text = Conditions(
        tokens=torch.zeros(n, MAX_TOKENS, TOKEN_WIDTH),
        pooled=torch.zeros(n, WIDTH),
        mask=torch.ones(n, MAX_TOKENS, dtype=torch.bool),
    )
    t = torch.full((n,), 0.5)
    with FlopCounterMode(display=False) as counter:
        net(x, t, text)
    seconds = best_seconds(lambda _: net(x, t, text))
    return {
        "gflops": round(counter.get_total_flops() / n / 1e9, 3),
        "milliseconds": round(1000 * seconds / n, 2),
    }

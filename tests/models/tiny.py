"""Small untrained networks whose every weight matters, and stand-ins for what surrounds them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from models.data.captions.tokenizer import tokenizer
from models.families.fashion_diffusion import FashionDenoiser
from models.families.gan import NOISE_LAYERS, Generator, Z
from models.families.vae_prior import VAEPrior
from models.parts.clip import TextEncoder
from models.parts.conditions import Conditions
from models.runtime.sampler import Request, Sampler, State, View

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

M = TypeVar("M", bound=nn.Module)


def randomized(module: M, seed: int = 0, std: float = 0.3) -> M:
    """Draw every parameter anew: many start at zero, which would hide what a layer does."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            fan_in = max(1, parameter[0].numel()) if parameter.ndim > 1 else 1
            scale = fan_in**-0.5 if parameter.ndim > 1 else std
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
    return module.eval().requires_grad_(False)


def pictures(n: int, side: int = 64, seed: int = 0) -> torch.Tensor:
    """Random images [n, 3, side, side] in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 3, side, side, generator=generator) * 2 - 1


def gray_pictures(n: int, side: int = 8) -> torch.Tensor:
    """Random images [n, 1, side, side] in [-1, 1]."""
    return pictures(n, side)[:, :1]


class SmallFashionDenoiser(FashionDenoiser):
    """Of the same shape as the shipped one."""

    def __init__(self) -> None:
        super().__init__(width=8, dim=16, layers=1)


class Straight(VAEPrior):
    """The velocity towards one code, known in closed form: (z - code) / t."""

    def __init__(self, code: Tensor) -> None:
        super().__init__(latent=len(code), dim=8, blocks=1)
        self.code = nn.Buffer(code)

    def forward(self, z: Tensor, t: Tensor) -> Tensor:
        return (z - self.code) / t[:, None]


class Constant(nn.Module):
    """A denoiser that always predicts the same images, whatever it is shown."""

    def __init__(self, images: torch.Tensor) -> None:
        super().__init__()
        self.images = images

    def forward(self, x: torch.Tensor, t: torch.Tensor, read: Conditions) -> torch.Tensor:
        return self.images

    denoise = forward

    def embed_conditions(self, given: Conditions) -> Conditions:
        return given


def nothing(prompts: list[str]) -> Conditions:
    """An encoder that finds the same in every prompt."""
    return Conditions(prompt=torch.zeros(len(prompts), 1))


@cache
def reader() -> TextEncoder:
    """A text encoder that was never trained."""
    return randomized(TextEncoder(len(tokenizer()), layers=1))


def read(prompts: Sequence[str]) -> Conditions:
    """What it says of prompts."""
    said: Conditions = reader()(tokenizer().encode_batch(list(prompts)))
    return said


class AtOnce(Sampler[State, Any]):
    """Done after a single step; what is drawn is its ``preview``."""

    def start(self, request: Request) -> State:
        return State(request, 0, 1)

    def step(self, states: Sequence[State]) -> None:
        for state in states:
            state.step += 1


def together(sampler: Sampler[Any, Any], requests: Sequence[Request]) -> list[View]:
    """Requests run side by side, in one batch where keys agree, as the engine does it."""
    with torch.inference_mode():
        states = [sampler.start(request) for request in requests]
        while unfinished := [state for state in states if not state.done]:
            groups: dict[Hashable, list[State]] = {}
            for state in unfinished:
                groups.setdefault(state.key, []).append(state)
            for group in groups.values():
                sampler.step(group)
        return [sampler.finish(state) for state in states]


def made_generator(seed: int) -> Generator:
    """A generator of full size with strong noise maps."""
    torch.manual_seed(seed)
    generator = Generator().eval().requires_grad_(False)
    for conv in generator.convs[:NOISE_LAYERS]:
        conv.noise_strength.fill_(10.0)  # type: ignore[operator]
    generator.w_mean.copy_(generator.map(torch.randn(500, Z)).mean(0))
    return generator

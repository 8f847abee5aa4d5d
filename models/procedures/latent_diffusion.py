"""What latent diffusion does for a request: prompt to picture, and the autoencoder alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.captions.tokenizer import tokenizer
from models.families.diffusion import T
from models.families.latent_diffusion import latent_denoiser
from models.parts.autoencoder import CHANNELS, PIXELS, SIDE, Autoencoder
from models.parts.clip import CLIP
from models.parts.losses import rmse
from models.procedures.diffusion import DiffusionSampler, SampleParameters
from models.runtime.architecture import AnySampler, Architecture, Model, Parts
from models.runtime.parameters import GuidanceScale, Parameters
from models.runtime.precision import fast
from models.runtime.sampler import Input, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.parts.denoiser import Denoiser
    from models.procedures.guided import Denoising
    from models.runtime.checkpoint import Checkpoint


@dataclass(frozen=True)
class LatentParameters(SampleParameters):
    """Of a draw in the latent space.

    Attributes:
        guidance_scale: more than pixels need: landscapes are asked for in rarer combinations.
        attention: whether previews carry the cross-attention maps of the first image.
    """

    guidance_scale: GuidanceScale = 4.0
    attention: bool = False


class LatentDiffusionSampler(DiffusionSampler):
    """Prompt → latent noise → latent → 128×128 image."""

    parameters = LatentParameters

    def __init__(self, net: Denoiser, clip: CLIP, autoencoder: Autoencoder) -> None:
        super().__init__(net, clip.encode_text, (CHANNELS, SIDE, SIDE))
        self.autoencoder = autoencoder

    def clean(self, x: Tensor, output: Tensor, t: Tensor) -> Tensor:
        """The network predicts the velocity (Salimans & Ho, 2022)."""
        return self.schedule.to_x0(x, output, t)

    def clip_x0(self, x0: Tensor) -> Tensor:
        """Latents have unit variance; beyond six deviations lies only guidance's overshoot."""
        return x0.clamp(-6, 6)

    def still(self, state: Denoising) -> Denoising:
        """Steps replace tensors, they change none."""
        return replace(state)

    def preview(self, state: Denoising) -> View:
        """The predicted clean latent, decoded; before the first step the noise itself, decoded.

        Extras: the ``latent`` [n, 4, 16, 16]; ``t``, and ``t_before`` of the step that led there;
        the prompt's ``words`` and what the network reads of each, ``tokens`` [words, 128]; and with
        attention asked for ``attention`` [words, 16, 16] of the first image, in [0, 1].
        """
        clean = state.x0 if state.step else state.x
        t, before = state.times[state.step], state.times[max(0, state.step - 1)]
        words = tokenizer().encode(state.request.parameters.prompt).words
        extras: dict[str, Any] = {
            "latent": state.x,
            "t": round(float(t) * T),
            "t_before": round(float(before) * T),
            "alpha_bar": float(self.schedule.alpha_bar(t[None])),
            "words": words,
            "tokens": state.conditions["tokens"][0, 1 : len(words) + 1],  # without the start token
        }
        if state.request.parameters.attention and state.step:
            extras["attention"] = self._attention(state, len(words))
        return View(fast(self.autoencoder.decode, clean).clamp(-1, 1), extras)

    def _attention(self, state: Denoising, words: int) -> Tensor:
        """Where each word acts: cross-attention of the first image, averaged over the blocks."""
        if not words:
            return torch.zeros(0, SIDE, SIDE)
        maps: list[Tensor] = []
        t = state.times[state.step].clamp(min=1 / T)[None]
        first = slice(0, 1)
        self.net.denoise(state.x[first], t, state.conditions.rows(first), attention=maps)
        mean = torch.stack(maps).mean(0)[0, 1 : words + 1]  # without the start token
        large = F.interpolate(mean[None], size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        low, high = large[0].amin((1, 2), keepdim=True), large[0].amax((1, 2), keepdim=True)
        return (large[0] - low) / (high - low + 1e-8)


@dataclass
class Autoencoding(State):
    """Images through the autoencoder: first the latent, then the reconstruction."""

    originals: Tensor
    latents: Tensor | None = None
    images: Tensor | None = None

    @property
    def key(self) -> int:
        """Encoding and decoding are batched apart."""
        return self.step


class LatentAutoencoding(Sampler[Autoencoding, Parameters]):
    """Given 128×128 images: encode, decode."""

    takes = ("images",)

    def __init__(self, autoencoder: Autoencoder) -> None:
        self.autoencoder = autoencoder

    @property
    def inputs(self) -> dict[str, Input]:
        """What is compressed."""
        return {"images": Input((3, PIXELS, PIXELS))}

    def start(self, request: Request[Parameters]) -> Autoencoding:
        """Nothing encoded yet."""
        return Autoencoding(request, 0, 2, self.given(request, "images"))

    def step(self, states: Sequence[Autoencoding]) -> None:
        """Encode, then decode."""
        if states[0].step == 0:
            images = torch.cat([state.originals for state in states])
            deal(states, latents=self.autoencoder.encode(images))
        else:
            latents = torch.cat([s.latents for s in states if s.latents is not None])
            deal(states, images=fast(self.autoencoder.decode, latents).clamp(-1, 1))

    def preview(self, state: Autoencoding) -> View:
        """Originals, the latent [n, 4, 16, 16], reconstruction and its error when there."""
        extras: dict[str, Any] = {"originals": state.originals}
        if state.latents is not None:
            extras["latent"] = state.latents
        if state.images is None:
            return View(torch.zeros_like(state.originals), extras)
        extras["rmse"] = rmse(state.images, state.originals)
        return View(state.images, extras)


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained model, with CLIP for its prompts and the autoencoder for its latents."""
    net = checkpoint.build(latent_denoiser)
    autoencoder = parts.network("autoencoder", Autoencoder)
    sampler = LatentDiffusionSampler(net, parts.network("clip", CLIP), autoencoder)
    return Model(net, {"sample": sampler, "autoencode": LatentAutoencoding(autoencoder)})


PROCEDURES: dict[str, type[AnySampler]] = {
    "sample": LatentDiffusionSampler,
    "autoencode": LatentAutoencoding,
}
ARCHITECTURE = Architecture("latent_diffusion", "latent_diffusion", load, PROCEDURES)

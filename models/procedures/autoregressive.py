"""What the autoregressive transformer does for a request: write an image, or finish one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from models.data.captions import MAX_TOKENS, tokenizer
from models.families.autoregressive import LENGTH, TokenGPT, guide
from models.parts.tokenizer import CODES, GRID, TOKENS, ImageTokenizer
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.checkpoint import Checkpoint
from models.runtime.parameters import GuidanceScale, Prompted, Temperature
from models.runtime.precision import fast
from models.runtime.randomness import pick, uniforms
from models.runtime.sampler import Input, Request, Sampler, State, View

CANDIDATES = 8
PREFIXES = 32
"""How many captions a sampler remembers, a third of a megabyte each."""


@dataclass
class Writing(State):
    """An image being written token by token.

    Attributes:
        tokens: int64 [n, 64]; the first ``position`` are known.
        logits: of the next token, [n, CODES], guided, before temperature.
        uniforms: the random number that decides each token, [n, 64].
        cache: keys and values of what was read; under guidance of 2n rows, the latter half
            without the caption.
    """

    tokens: Tensor
    position: int
    logits: Tensor
    uniforms: Tensor
    cache: Tensor
    temperature: float
    guidance_scale: float

    @property
    def rows(self) -> int:
        """Guidance doubles the batch."""
        return self.cache.shape[2]

    @property
    def probabilities(self) -> Tensor:
        """Distribution of the next token, [n, CODES]."""
        if self.temperature == 0:
            return nn.functional.one_hot(self.logits.argmax(1), CODES).float()
        return (self.logits / self.temperature).softmax(1)


@dataclass(frozen=True)
class SampleParameters(Prompted):
    """Of a draw.

    Attributes:
        temperature: 0 takes the likeliest token.
        guidance_scale: of the logits; without a prompt nothing is amplified.
    """

    temperature: Temperature = 1.0
    guidance_scale: GuidanceScale = 3.0


class AutoregressiveSampler(Sampler[Writing, SampleParameters]):
    """Prompt → tokens, one a step → image.

    Args:
        gpt: predicts tokens.
        images: turns tokens into pixels.
    """

    parameters = SampleParameters
    max_n = 64

    def __init__(self, gpt: TokenGPT, images: ImageTokenizer) -> None:
        self.gpt, self.images = gpt, images
        self.prefix = lru_cache(PREFIXES)(self._prefix)
        """A caption as the transformer reads it, for every image the same."""

    @torch.inference_mode()
    def _prefix(self, text: str) -> tuple[Tensor, Tensor]:
        """Logits of the first token [1, CODES] and the cache's part for the caption."""
        nothing = torch.empty(1, 0, dtype=torch.int64)
        logits, cache = self.gpt.prefill(tokenizer().encode_batch([text]), nothing)
        return logits, cache[..., :MAX_TOKENS, :].clone()

    def _read(self, texts: Sequence[str], given: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the next token and cache, of n rows a text; what is given may differ a row."""
        n, known = given.shape
        if known:
            captions = tokenizer().encode_batch(list(texts)).repeat_interleave(n, 0)
            return self.gpt.prefill(captions, given.repeat(len(texts), 1))
        logits, caches = zip(*(self.prefix(text) for text in texts), strict=True)
        read = torch.cat(caches, dim=2).repeat_interleave(n, dim=2)
        room = read.new_zeros(*read.shape[:4], LENGTH, read.shape[5])
        room[..., :MAX_TOKENS, :] = read
        return torch.cat(logits).repeat_interleave(n, 0), room

    def start(self, request: Request[SampleParameters]) -> Writing:
        """Read the prompt."""
        return self._begin(request, torch.empty(request.n, 0, dtype=torch.int64))

    def _begin(self, request: Request[SampleParameters], given: Tensor) -> Writing:
        asked = request.parameters
        # Without a prompt there is nothing to amplify.
        scale = asked.guidance_scale if asked.prompt.strip() else 1.0
        texts = [asked.prompt] if scale == 1 else [asked.prompt, ""]
        logits, cache = self._read(texts, given)
        tokens = torch.zeros(request.n, TOKENS, dtype=torch.int64)
        known = given.shape[1]
        tokens[:, :known] = given
        return Writing(
            request, 0, TOKENS - known, tokens, known, guide(logits, scale, request.n),
            uniforms(request, TOKENS), cache, asked.temperature, scale,
        )  # fmt: skip

    def step(self, states: Sequence[Writing]) -> None:
        """Draw one token a row by inverting its cumulative distribution, then read it."""
        for state in states:
            decisive = state.uniforms[:, state.position]
            state.tokens[:, state.position] = pick(state.probabilities, decisive)
        reading = [s for s in states if s.position + 1 < TOKENS]
        if reading:
            sizes = [s.rows for s in reading]
            drawn = [
                s.tokens[:, s.position].repeat(size // s.request.n)
                for s, size in zip(reading, sizes, strict=True)
            ]
            places = [
                torch.full((size,), MAX_TOKENS + s.position)
                for s, size in zip(reading, sizes, strict=True)
            ]
            logits = self.gpt.read(torch.cat(drawn), torch.cat(places), [s.cache for s in reading])
            for state, part in zip(reading, logits.split(sizes), strict=True):
                state.logits = guide(part, state.guidance_scale, state.request.n)
        for state in states:
            state.position += 1
            state.step += 1

    def still(self, state: Writing) -> Writing:
        """Steps write into the tokens; the cache is large and nothing to look at."""
        return replace(state, tokens=state.tokens.clone(), cache=state.cache.new_empty(0))

    def preview(self, state: Writing) -> View:
        """The tokens so far as pixels, gray where none is yet; the next token's candidates.

        Extras: ``tokens``, ``position``, and for the first image between the first step and the
        last the likeliest next ``candidates`` (token indices), their ``probabilities`` and what
        each would draw, ``candidate_patches`` [8, 3, 8, 8].
        """
        extras: dict[str, Any] = {"tokens": state.tokens.clone(), "position": state.position}
        n, place = state.request.n, state.position
        if not place:
            return View(torch.zeros(n, 3, 8 * GRID, 8 * GRID), extras)
        if not state.step or place == TOKENS:
            return View(self._known(fast(self.images.decode, state.tokens), place), extras)
        top = state.probabilities[0].topk(CANDIDATES)
        trials = state.tokens[:1].repeat(CANDIDATES, 1)
        trials[:, place] = top.indices
        decoded = fast(self.images.decode, torch.cat([state.tokens, trials]))
        y, x = place // GRID * 8, place % GRID * 8
        extras["candidates"] = top.indices.tolist()
        extras["probabilities"] = top.values.tolist()
        extras["candidate_patches"] = decoded[n:, :, y : y + 8, x : x + 8]
        return View(self._known(decoded[:n], place), extras)

    @staticmethod
    def _known(images: Tensor, place: int) -> Tensor:
        """Gray from the ``place``-th token on."""
        known = (torch.arange(TOKENS) < place).view(1, 1, GRID, GRID)
        return torch.where(known.repeat_interleave(8, 2).repeat_interleave(8, 3), images, 0.0)


class AutoregressiveCompletion(AutoregressiveSampler):
    """Keep the upper half of given images, write the lower half."""

    takes = ("images",)

    @property
    def inputs(self) -> dict[str, Input]:
        """What is finished."""
        return {"images": Input((3, 8 * GRID, 8 * GRID))}

    def start(self, request: Request[SampleParameters]) -> Writing:
        """Tokenize the images and keep their first 32 tokens."""
        images = self.given(request, "images")
        return self._begin(request, self.images.encode(images)[:, : TOKENS // 2])

    def preview(self, state: Writing) -> View:
        """As of the sampler, with the given images beside."""
        view = super().preview(state)
        return View(view.images, {**view.extras, "originals": self.given(state.request, "images")})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained transformer, with the tokenizer that decodes its tokens."""
    gpt, images = checkpoint.build(TokenGPT), parts.network("tokenizer", ImageTokenizer)
    return Model(gpt, {action: kind(gpt, images) for action, kind in PROCEDURES.items()})


PROCEDURES = {"sample": AutoregressiveSampler, "complete": AutoregressiveCompletion}
ARCHITECTURE = Architecture("autoregressive", "autoregressive", load, PROCEDURES)

"""What the autoregressive transformer does for a request: write an image, or finish one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.captions.tokenizer import MAX_TOKENS
from models.families.autoregressive import LENGTH, TokenGPT, guide, token_probabilities
from models.parts.clip import CLIP
from models.parts.tokenizer import GRID, TOKENS, ImageTokenizer
from models.parts.transformer import Past
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import GuidanceScale, Prompted, Temperature
from models.runtime.precision import fast
from models.runtime.randomness import pick, uniforms
from models.runtime.sampler import Input, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.parts.conditions import Encode
    from models.runtime.checkpoint import Checkpoint

CANDIDATES = 9
PREFIXES = 32
"""How many captions a sampler remembers, a third of a megabyte each."""


@dataclass
class Writing(State):
    """An image being written token by token.

    Attributes:
        tokens: int64 [n, 64], of which those before :attr:`position` are drawn or given.
        logits: of the next token, [n, CODES], guided, before temperature.
        uniforms: the random number that decides each token, [n, 64].
        past: what was read; under guidance of 2n rows, the latter half without the caption.
        chances: what the last token of the first image was drawn from, [CODES].
        looks: where the first image's reader looked before it, [positions], if it is asked for.
    """

    tokens: Tensor
    logits: Tensor
    uniforms: Tensor
    past: Past
    temperature: float
    guidance_scale: float
    chances: Tensor | None = None
    looks: Tensor | None = None

    @property
    def position(self) -> int:
        """Of the next token."""
        return TOKENS - self.total + self.step

    @property
    def rows(self) -> int:
        """Guidance doubles the batch."""
        return self.n * (2 if self.guidance_scale != 1 else 1)

    @property
    def probabilities(self) -> Tensor:
        """Distribution of the next token, [n, CODES]."""
        return token_probabilities(self.logits, self.temperature)


@dataclass(frozen=True)
class SampleParameters(Prompted):
    """Of a draw.

    Attributes:
        temperature: 0 takes the likeliest token.
        guidance_scale: of the logits; without a prompt nothing is amplified.
        explain: whether previews tell how the first image's last token came about.
    """

    temperature: Temperature = 1.0
    guidance_scale: GuidanceScale = 4.0
    explain: bool = False


class AutoregressiveSampler(Sampler[Writing, SampleParameters]):
    """Prompt → tokens, one a step → image.

    Args:
        gpt: predicts tokens.
        images: turns tokens into pixels.
        encode_text: prompts → what CLIP says of their words.
    """

    parameters = SampleParameters
    max_n = 64

    def __init__(self, gpt: TokenGPT, images: ImageTokenizer, encode_text: Encode) -> None:
        self.gpt, self.images, self._encode_text = gpt, images, encode_text
        self.prefix = lru_cache(PREFIXES)(self._prefix)
        """A caption as the transformer reads it, for every image the same."""

    @torch.inference_mode()
    def _prefix(self, text: str) -> tuple[Tensor, Past]:
        """Logits of the first token, [1, CODES], and the caption as it was read."""
        return self.gpt.read_captions(self._encode_text([text])["tokens"])

    def start(self, request: Request[SampleParameters]) -> Writing:
        """Read the prompt."""
        return self._begin(request, torch.empty(request.n, 0, dtype=torch.int64))

    def _begin(self, request: Request[SampleParameters], given: Tensor) -> Writing:
        """Read the prompt and the first tokens, [n, k]."""
        asked, n, k = request.parameters, *given.shape
        # Without a prompt there is nothing to amplify.
        scale = asked.guidance_scale if asked.prompt.strip() else 1.0
        texts = [asked.prompt] if scale == 1 else [asked.prompt, ""]
        first, captions = zip(*(self.prefix(text) for text in texts), strict=True)
        past = Past.repeated(captions, n, LENGTH)
        if k:
            logits = self.gpt.read_on(given.repeat(len(texts), 1), [past])
        else:
            logits = torch.cat(first).repeat_interleave(n, 0)
        tokens = F.pad(given, (0, TOKENS - k))
        return Writing(
            request,
            step=0,
            total=TOKENS - k,
            tokens=tokens,
            logits=guide(logits, scale, n),
            uniforms=uniforms(request, TOKENS),
            past=past,
            temperature=asked.temperature,
            guidance_scale=scale,
        )

    def step(self, states: Sequence[Writing]) -> None:
        """Draw one token a row by inverting its cumulative distribution, then read it."""
        for state in states:
            if state.request.parameters.explain:
                state.chances, state.looks = state.probabilities[0], self._looks(state)
            decisive = state.uniforms[:, state.position]
            state.tokens[:, state.position] = pick(state.probabilities, decisive)
        reading = [state for state in states if state.position + 1 < TOKENS]
        if reading:
            drawn = [s.tokens[:, s.position, None].repeat(s.rows // s.n, 1) for s in reading]
            logits = self.gpt.read_on(torch.cat(drawn), [s.past for s in reading])
            for state, part in zip(reading, logits.split([s.rows for s in reading]), strict=True):
                state.logits = guide(part, state.guidance_scale, state.n)
        deal(states)

    def _looks(self, state: Writing) -> Tensor | None:
        """Where the first image's last token looks; nowhere before there is one."""
        if not state.position:
            return None
        token = state.tokens[:1, state.position - 1, None]
        return self.gpt.looks(token, state.past.first())[0]

    def still(self, state: Writing) -> Writing:
        """Steps write into the tokens; what was read is large and not shown."""
        return replace(state, tokens=state.tokens.clone(), past=Past(torch.empty(0)))

    def preview(self, state: Writing) -> View:
        """The tokens so far as pixels, gray where none is yet.

        Extras: ``tokens``, ``position``, and of the first image's last token, if asked to explain,
        the likeliest ``candidates`` (token indices), their ``probabilities``, what each would have
        drawn, ``candidate_patches`` [9, 3, 8, 8], the ``chance`` of the one that was drawn, and
        from the second token on where its reader looked: on ``looks_words`` and, [position - 1],
        ``looks_tokens``; together they are 1.
        """
        place = state.position
        extras: dict[str, Any] = {"tokens": state.tokens.clone(), "position": place}
        if not place:
            return View(torch.zeros(state.n, 3, 8 * GRID, 8 * GRID), extras)
        if state.chances is None:
            return View(self._written(fast(self.images.decode, state.tokens), place), extras)
        images, more = self._explained(state, state.chances)
        return View(self._written(images, place), extras | more)

    def _explained(self, state: Writing, chances: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """All images decoded, and how the last token of the first came about."""
        last, top = state.position - 1, chances.topk(CANDIDATES)
        trials = state.tokens[:1].repeat(CANDIDATES, 1)
        trials[:, last] = top.indices
        images, tried = fast(self.images.decode, torch.cat([state.tokens, trials])).split(
            [state.n, CANDIDATES]
        )
        y, x = last // GRID * 8, last % GRID * 8
        extras: dict[str, Any] = {
            "candidates": top.indices.tolist(),
            "probabilities": top.values.tolist(),
            "candidate_patches": tried[:, :, y : y + 8, x : x + 8],
            "chance": float(chances[state.tokens[0, last]]),
        }
        if state.looks is not None:
            words, tokens = state.looks[:MAX_TOKENS], state.looks[MAX_TOKENS:]
            extras |= {"looks_words": float(words.sum()), "looks_tokens": tokens}
        return images, extras

    @staticmethod
    def _written(images: Tensor, place: int) -> Tensor:
        """Gray from the ``place``-th token on."""
        written = (torch.arange(TOKENS) < place).view(1, 1, GRID, GRID)
        return torch.where(written.repeat_interleave(8, 2).repeat_interleave(8, 3), images, 0.0)


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
    """The trained transformer, which reads prompts by CLIP, and the decoder of its tokens."""
    gpt, images = checkpoint.build(TokenGPT), parts.network("tokenizer", ImageTokenizer)
    read = parts.network("clip", CLIP).encode_text
    return Model(gpt, {action: kind(gpt, images, read) for action, kind in PROCEDURES.items()})


PROCEDURES = {"sample": AutoregressiveSampler, "complete": AutoregressiveCompletion}
ARCHITECTURE = Architecture("autoregressive", "autoregressive", load, PROCEDURES)

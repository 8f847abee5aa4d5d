"""Slide 3, second half: the autoregressive transformer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import cast

from app.context import Context
from app.deck.gallery import faces
from app.deck.images import data_uri
from app.demos.demo import DATASETS, PROMPTS, Demo, Shown, follow
from app.demos.panels import Bar, Bars, Panel, Words, picture
from app.demos.parameters import Parameters, face, prompt, select, slider
from app.engine import Frame
from models.data.captions import tokenizer
from models.runtime.sampler import View


def read_words(text: str) -> Words:
    """The prompt word by word, marking what no model here understands."""
    unknown = tokenizer().encode(text).unknown
    items = tuple(
        (word, word.lower().strip(",.") not in unknown) for word in text.split() if word.strip(",.")
    )
    return Words(items)


def candidates(view: View) -> list[Panel]:
    """Bars of the next token's likeliest values, each with what it would draw."""
    extras = view.extras
    if "candidates" not in extras:
        return []
    rows = zip(
        extras["candidates"], extras["probabilities"], extras["candidate_patches"], strict=True
    )
    bars = tuple(
        Bar(f"token {index}", chance, f"{chance:.0%}", data_uri(patch))
        for index, chance, patch in rows
    )
    return [Bars("The next token could be", bars)]


class TokensParameters(Parameters):
    """What to write. Clothes are written pixel by pixel, without a prompt."""

    dataset: str = select("faces", DATASETS, "Data")
    prompt: str = prompt(PROMPTS[0])
    temperature: float = slider(0.9, 0, 1.5, 0.1, "Temperature")
    guidance_scale: float = slider(3, 0, 8, 0.5, "Guidance")


class Tokens(Demo):
    """One token after the other."""

    name, slide, title, family = "tokens", 3, "Token by token", "autoregressive"
    hint = "The image is written like a text: from the top left, each token given all before it."
    models = ("autoregressive", "tokenizer", "fashion-autoregressive")
    parameters = TokensParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Sixty-four tokens or 49 patches, some of them as frames."""
        wanted = cast(TokensParameters, p)
        write = self._faces if wanted.dataset == "faces" else self._clothes
        return write(context, wanted)

    @staticmethod
    def _clothes(context: Context, wanted: TokensParameters) -> AsyncGenerator[Shown, None]:
        request = context.request(
            "fashion-autoregressive.sample", n=8, seed=wanted.seed, temperature=wanted.temperature
        )

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            return [
                picture(view.images, "Raw pixels: no tokens, no prompt", "Eight photos so far", 4)
            ]

        return follow(
            context, "fashion-autoregressive.sample", request, draw,
            lambda f: f"{16 * f.step} of 784 pixels drawn, each from its 256 possible levels.",
        )  # fmt: skip

    @staticmethod
    def _faces(context: Context, wanted: TokensParameters) -> AsyncGenerator[Shown, None]:
        words = read_words(wanted.prompt)
        request = context.request(
            "autoregressive.sample",
            n=4,
            seed=wanted.seed,
            prompt=wanted.prompt,
            temperature=wanted.temperature,
            guidance_scale=wanted.guidance_scale,
        )

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            large = picture(view.images[:1], "First face", "The first face so far", share=1.6)
            rest = picture(view.images[1:], "Three more", "Three more faces so far", 1, 0.6)
            return [large, rest, *candidates(view), words]

        return follow(
            context, "autoregressive.sample", request, draw,
            lambda f: f"{f.step} of 64 image tokens written, one network call each.",
        )  # fmt: skip


class CompleteParameters(Parameters):
    """Which face to complete."""

    image: int = face(23)
    temperature: float = slider(0.9, 0, 1.5, 0.1, "Temperature")


class Complete(Demo):
    """Finish a real face."""

    name, slide, title, family = "complete", 3, "Finish the face", "autoregressive"
    hint = "Four endings for one beginning: the model knows many plausible mouths."
    models = ("autoregressive", "tokenizer")
    parameters = CompleteParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """The upper half is given, the lower written four times."""
        wanted = cast(CompleteParameters, p)
        images = faces([wanted.image] * 4)
        request = context.request(
            "autoregressive.complete", seed=p.seed, images=images, temperature=wanted.temperature
        )

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            return [
                picture(images[:1], "Real face", "The real face"),
                picture(view.images, "Lower half written", "Four completions", 2, 2),
                *candidates(view),
            ]

        return follow(
            context, "autoregressive.complete", request, draw,
            lambda f: f"{f.step} of 32 tokens of the lower half written.",
        )  # fmt: skip

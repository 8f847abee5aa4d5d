"""Slide 3, second half: the autoregressive transformer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.deck.gallery import faces
from app.deck.images import data_uri
from app.demos.demo import Demo, Frame, follow
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters, dataset, face, prompt, slider_of
from app.demos.suggestions import FACE
from app.engine import Progress
from models.procedures.autoregressive import SampleParameters
from models.runtime.sampler import View


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

    dataset: str = dataset()
    prompt: str = prompt(FACE)
    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=0.9, high=1.5, step=0.1
    )
    guidance_scale: float = slider_of(
        SampleParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


class Tokens(Demo[TokensParameters]):
    """One token after the other."""

    name, slide, order, title, family = "tokens", 3, 4, "Token by token", "autoregressive"
    hint = "The image is written like a text: from the top left, each token given all before it."
    models = ("autoregressive", "tokenizer", "fashion-autoregressive")
    parameters = TokensParameters

    def frames(self, context: Context, p: TokensParameters) -> AsyncGenerator[Frame, None]:
        """Sixty-four tokens or 49 patches, some of them as frames."""
        procedure = f"{self.drawn_by(context, p)}.sample"
        reads_prompts = "prompt" in context.zoo.procedure(procedure).parameters.bounds()
        write = self._prompted if reads_prompts else self._pixels
        return write(context, procedure, p)

    @staticmethod
    def _pixels(
        context: Context, procedure: str, p: TokensParameters
    ) -> AsyncGenerator[Frame, None]:
        request = context.request(procedure, n=8, seed=p.seed, temperature=p.temperature)

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            return [
                picture(view.images, "Raw pixels: no tokens, no prompt", "Eight photos so far", 4)
            ]

        def note(progress: Progress) -> str:
            pixels = progress.view.images[0, 0].numel()
            drawn = pixels * progress.step // progress.total
            return f"{drawn} of {pixels} pixels drawn, each from its 256 possible levels."

        return follow(context, procedure, request, draw, note)

    def _prompted(
        self, context: Context, procedure: str, p: TokensParameters
    ) -> AsyncGenerator[Frame, None]:
        words = self.read(context, p)
        request = context.request(
            procedure,
            n=4,
            seed=p.seed,
            prompt=p.prompt,
            temperature=p.temperature,
            guidance_scale=p.guidance_scale,
        )

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            large = picture(view.images[:1], "First face", "The first face so far", share=1.6)
            rest = picture(view.images[1:], "Three more", "Three more faces so far", 1, 0.6)
            return [large, rest, *candidates(view), words]

        return follow(
            context, procedure, request, draw,
            lambda f: words.after(
                f"{f.step} of {f.total} image tokens written, one network call each."
            ),
        )  # fmt: skip


class CompleteParameters(Parameters):
    """Which face to complete."""

    image: int = face(23)
    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=0.9, high=1.5, step=0.1
    )


class Complete(Demo[CompleteParameters]):
    """Finish a real face."""

    name, slide, order, title, family = "complete", 3, 5, "Finish the face", "autoregressive"
    hint = "Four endings for one beginning: the model knows many plausible mouths."
    models = ("autoregressive", "tokenizer")
    parameters = CompleteParameters

    def frames(self, context: Context, p: CompleteParameters) -> AsyncGenerator[Frame, None]:
        """The upper half is given, the lower written four times."""
        images = faces([p.image] * 4)
        request = context.request(
            "autoregressive.complete", seed=p.seed, images=images, temperature=p.temperature
        )

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            return [
                picture(images[:1], "Real face", "The real face"),
                picture(view.images, "Lower half written", "Four completions", 2, 2),
                *candidates(view),
            ]

        return follow(
            context, "autoregressive.complete", request, draw,
            lambda f: f"{f.step} of 32 tokens of the lower half written.",
        )  # fmt: skip

"""Slide 8: five ideas in small."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result
from app.demos.panels import Message, Panel, picture
from app.demos.parameters import Parameters, select
from app.demos.suggestions import FACE, suggestions, worlds

IDEAS = {
    "latent": "1 Latent space",
    "adversarial": "2 Adversarial training",
    "denoising": "3 Denoising",
    "guidance": "4 Guidance",
    "hybrid": "5 Latent diffusion",
}


class ConceptParameters(Parameters):
    """Which idea."""

    idea: str = select("latent", IDEAS, "Idea", "timeline")


class Concepts(Demo[ConceptParameters]):
    """The five ideas, each with its own small demonstration."""

    name, slide, order, title, family = "ideas", 8, 1, "Five ideas", "winner"
    hint = "Choose an idea to see it at work."
    models = ("vae", "gan", "gan-collapsed", "diffusion", "latent-diffusion")
    parameters = ConceptParameters

    async def frames(self, context: Context, p: ConceptParameters) -> AsyncGenerator[Frame, None]:
        """Run the idea's demonstration: its sheets in one frame, once all are drawn."""
        text, sheets = _sheets(context, p.idea, p.seed)
        first, *others = (drawing for drawing, _, _ in sheets)
        async with aclosing(first.frames("The model is drawing.")) as frames:
            async for frame in frames:
                yield frame
        for drawing in others:
            await drawing.wait()
        seconds = sum(drawing.end.seconds for drawing, _, _ in sheets)
        panels: list[Panel] = [
            picture(drawing.end.view.images, label, label, columns)
            for drawing, label, columns in sheets
        ]
        yield Frame((*panels, Message(text)), text, 1, 1, seconds, True)


def _sheets(context: Context, idea: str, seed: int) -> tuple[str, list[tuple[Result, str, int]]]:
    """A sentence, and what is drawn for it: a result, its label, the columns of its grid."""

    def asked(model: str) -> str:
        prompts = suggestions(worlds(context, model)) or (FACE,)
        return prompts[seed % len(prompts)]

    def drawn(model: str, n: int, **values: object) -> Result:
        return Result(context, f"{model}.sample", n=n, seed=seed, **values)

    if idea == "latent":
        ends = faces([seed % 256, (seed + 91) % 256])
        walk = Result(context, "vae.interpolate", seed=seed, images=ends, points=8)
        text = "A latent space is compressed, smooth and cheap to work in."
        return text, [(walk, "From one face to another", 4)]
    if idea == "adversarial":
        text = "Two networks compete: sharp results, unstable training."
        pair = (("gan", "Balanced"), ("gan-collapsed", "Collapsed"))
        return text, [(drawn(model, 9), label, 3) for model, label in pair]
    if idea == "denoising":
        text = "Noise is removed step by step: stable, good, controllable."
        counts = (2, 5, 20)
        return text, [(drawn("diffusion", 4, num_steps=k), f"{k} steps", 2) for k in counts]
    if idea == "guidance":
        prompt = asked("diffusion")
        text = f"Guidance amplifies the text: “{prompt}”."
        return text, [
            (
                drawn("diffusion", 4, num_steps=15, guidance_scale=scale, prompt=prompt),
                f"guidance {scale:g}",
                2,
            )
            for scale in (1.0, 2.0, 5.0)
        ]
    text = "Latent diffusion joins the VAE's space to diffusion's quality."
    prompt = asked("latent-diffusion")
    return text, [(drawn("latent-diffusion", 4, prompt=prompt), f"“{prompt}”", 4)]

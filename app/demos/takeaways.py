"""Slide 8: five ideas in small, and a quiz."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import cast
from urllib.parse import urlencode

import torch

from app.context import Context
from app.deck.comparison import FAMILIES
from app.deck.gallery import faces
from app.demos.demo import PROMPTS, Demo, Shown, result
from app.demos.panels import Choice, Message, Panel, picture
from app.demos.parameters import Parameters, select

WHY = {
    "vae": "Soft everywhere: the average of all plausible faces is a blurred one.",
    "gan": "Crisp edges in one pass, now and then with warped features or two of a kind.",
    "flow": "Exact likelihood, paid for with grain and uneven shapes.",
    "autoregressive": "Assembled from small tiles: look for seams and changes of mind.",
    "diffusion": "Clean areas and varied faces; a faint speckle where it stopped denoising.",
    "latent-diffusion": "Smooth and consistent; small details are as good as its decoder.",
}


class Quiz(Demo):
    """Which family drew this?"""

    class QuizParameters(Parameters):
        """The guess, if any."""

        guess: str = select("none", {"none": "no guess yet", **FAMILIES}, "Guess", "hidden")

    name, slide, title, family = "quiz", 8, "Who drew this?", "winner"
    hint = "Look for blur, seams, grain and repetition. Then choose."
    models = tuple(FAMILIES)
    parameters = QuizParameters

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Six faces of a family that the seed decides; the answer only after a guess."""
        guess = cast(Quiz.QuizParameters, p).guess
        generator = torch.Generator().manual_seed(p.seed)
        names = list(FAMILIES)
        family = names[int(torch.randint(len(names), (1,), generator=generator))]
        yield Shown((Message("Somebody is drawing six faces."),), "Drawing.", 0, 1)
        frame = await result(context, f"{family}.sample", n=6, seed=p.seed)
        images = frame.view.images
        if images.shape[-1] != 64:  # equal sizes, so that size gives nothing away
            images = torch.nn.functional.avg_pool2d(images, 2)
        sheet = picture(images, "Who drew these?", "Six faces", 3, 2)
        panels: list[Panel] = [sheet]
        if guess == "none":
            query = urlencode({"demo": self.name, "seed": p.seed})
            panels.append(Choice("guess", tuple(FAMILIES.items()), query))
            note = "Six faces by one of the six families."
        else:
            right = guess == family
            verdict = "Yes" if right else f"No, not {FAMILIES[guess]}"
            text = f"{verdict}: {FAMILIES[family]} drew them. {WHY[family]}"
            panels.append(Message(text, "good" if right else "bad"))
            note = f"Drawn by {FAMILIES[family]}."
        yield Shown(tuple(panels), note, 1, 1, frame.seconds, True)


class Concepts(Demo):
    """The five ideas, each with its own small demonstration."""

    class ConceptParameters(Parameters):
        """Which idea."""

        idea: str = select(
            "latent",
            {
                "latent": "1 Latent space",
                "adversarial": "2 Adversarial training",
                "denoising": "3 Denoising",
                "guidance": "4 Guidance",
                "hybrid": "5 Latent diffusion",
            },
            "Idea",
            "timeline",
        )

    name, slide, title, family = "ideas", 8, "Five ideas", "winner"
    hint = "Choose an idea to see it at work."
    models = ("vae", "gan", "diffusion", "latent-diffusion")
    parameters = ConceptParameters

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Run the idea's demonstration."""
        idea = cast(Concepts.ConceptParameters, p).idea
        show = {
            "latent": self._latent,
            "adversarial": self._adversarial,
            "denoising": self._denoising,
            "guidance": self._guidance,
            "hybrid": self._hybrid,
        }[idea]
        yield Shown((Message("Drawing."),), "The model is drawing.", 0, 1)
        panels, text, seconds = await show(context, p.seed)
        yield Shown((*panels, Message(text)), text, 1, 1, seconds, True)

    async def _latent(self, context: Context, seed: int) -> tuple[list[Panel], str, float]:
        ends = faces([seed % 256, (seed + 91) % 256])
        frame = await result(context, "vae.interpolate", seed=seed, images=ends, points=8)
        sheet = picture(frame.view.images, "From one face to another", "Eight points on a line", 4)
        return [sheet], "A latent space is compressed, smooth and cheap to work in.", frame.seconds

    async def _adversarial(self, context: Context, seed: int) -> tuple[list[Panel], str, float]:
        panels: list[Panel] = []
        seconds = 0.0
        for model, label in (("gan", "Balanced"), ("gan-collapsed", "Collapsed")):
            frame = await result(context, f"{model}.sample", n=9, seed=seed)
            seconds += frame.seconds
            sheet = picture(frame.view.images, label, f"{label} GAN", 3)
            panels.append(sheet)
        return panels, "Two networks compete: sharp results, unstable training.", seconds

    async def _denoising(self, context: Context, seed: int) -> tuple[list[Panel], str, float]:
        panels: list[Panel] = []
        seconds = 0.0
        for steps in (2, 5, 20):
            frame = await result(context, "diffusion.sample", n=4, seed=seed, num_steps=steps)
            seconds += frame.seconds
            label = f"{steps} steps"
            panels.append(picture(frame.view.images, label, label, 2))
        return panels, "Noise is removed step by step: stable, good, controllable.", seconds

    async def _guidance(self, context: Context, seed: int) -> tuple[list[Panel], str, float]:
        panels: list[Panel] = []
        seconds = 0.0
        for scale in (1.0, 2.0, 5.0):
            frame = await result(
                context, "diffusion.sample", n=4, seed=seed, num_steps=15, guidance_scale=scale,
                prompt=PROMPTS[seed % 4],
            )  # fmt: skip
            seconds += frame.seconds
            label = f"guidance {scale:g}"
            panels.append(picture(frame.view.images, label, label, 2))
        text = f"Guidance amplifies the text: “{PROMPTS[seed % 4]}”."
        return panels, text, seconds

    async def _hybrid(self, context: Context, seed: int) -> tuple[list[Panel], str, float]:
        prompt = PROMPTS[seed % 4]
        frame = await result(context, "latent-diffusion.sample", n=4, seed=seed, prompt=prompt)
        sheet = picture(frame.view.images, f"“{PROMPTS[seed % 4]}”", "Four faces at 128 pixels", 4)
        return (
            [sheet],
            "Latent diffusion joins the VAE's space to diffusion's quality.",
            frame.seconds,
        )

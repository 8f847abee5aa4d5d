"""Slide 6: the years, with what each left behind running here."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from app.context import Context
from app.demos.demo import Demo, Frame, Result
from app.demos.panels import Message, picture
from app.demos.parameters import Parameters, select
from app.demos.suggestions import suggestions, worlds


@dataclass(frozen=True)
class Milestone:
    """A year, what happened, and the local model of the same family, if there is one."""

    year: str
    text: str
    model: str = ""


MILESTONES = (
    Milestone("2013", "VAE (Kingma & Welling): a latent space that can be sampled.", "vae"),
    Milestone("2014", "GAN (Goodfellow et al.): two networks at play.", "gan"),
    Milestone("2015", "DCGAN, the first stable convolutional GAN, and normalizing flows.", "flow"),
    Milestone("2018", "StyleGAN and BigGAN: the GAN peak.", "gan"),
    Milestone("2020", "DDPM: the diffusion revival.", "diffusion"),
    Milestone("2021", "DALL-E 1: images written as tokens.", "autoregressive"),
    Milestone("2022", "Latent diffusion, released as Stable Diffusion.", "latent-diffusion"),
    Milestone("2023", "SDXL, DALL-E 3, Midjourney v5, and the paper on consistency models."),
    Milestone("2024", "Flux and Stable Diffusion 3: flow matching.", "flow-matching"),
    Milestone("2025", "Consistency models at scale, and hybrids."),
)

DRAWN_BY = {
    "vae": "a small convolutional VAE, trained on the objective of 2013",
    "gan": "a small GAN with the styles of StyleGAN2 (2020)",
    "flow": "a flow of transformers (TarFlow, 2024), with guidance and a denoising step",
    "diffusion": "a text-guided diffusion model with the solver DPM-Solver++ (2022)",
    "autoregressive": "a transformer over image tokens of finite scalar quantization (2023)",
    "latent-diffusion": "a small latent diffusion model with the solver DPM-Solver++ (2022)",
    "flow-matching": "a small flow-matching model with Euler's steps",
}
"""Model → what it is, which is often younger than the milestone."""


class TimelineParameters(Parameters):
    """Where on the line to stand."""

    year: str = select("2013", {m.year: m.year for m in MILESTONES}, "Year", "timeline")


class Timeline(Demo[TimelineParameters]):
    """Walk the years."""

    name, slide, order, title, family = "timeline", 6, 1, "Walk the years", "winner"
    hint = "Choose a year. Where a model of the same family runs here, it draws."
    models = tuple(dict.fromkeys(m.model for m in MILESTONES if m.model))
    parameters = TimelineParameters

    async def frames(self, context: Context, p: TimelineParameters) -> AsyncGenerator[Frame, None]:
        """The milestone's words, and eight pictures by a model of its family."""
        milestone = next(m for m in MILESTONES if m.year == p.year)
        words = f"{p.year}. {milestone.text}"
        if not milestone.model:
            note = "No model of this kind runs here."
            yield Frame((Message(words),), note, 1, 1, None, True)
            return
        procedure = f"{milestone.model}.sample"
        prompted = "prompt" in context.zoo.procedure(procedure).parameters.bounds()
        prompts = suggestions(worlds(context, milestone.model)) if prompted else ()
        asked = {"prompt": prompts[p.seed % len(prompts)]} if prompts else {}
        drawing = Result(context, procedure, n=8, seed=p.seed, **asked)
        async with aclosing(drawing.frames(words)) as frames:
            async for frame in frames:
                yield frame
        label = f"“{asked['prompt']}”" if asked else "Eight faces"
        sheet = picture(drawing.end.view.images, label, "Eight pictures", 4, 2)
        note = f"Drawn by {DRAWN_BY[milestone.model]}."
        yield Frame((Message(words), sheet), note, 1, 1, drawing.end.seconds, True)

"""Slide 6: the years, with what each left behind running here."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import cast

from app.context import Context
from app.demos.demo import PROMPTS, Demo, Shown, result
from app.demos.panels import Message, picture
from app.demos.parameters import Parameters, select


@dataclass(frozen=True)
class Milestone:
    """A year, what happened, and the local model of the same kind, if there is one."""

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


class TimelineParameters(Parameters):
    """Where on the line to stand."""

    year: str = select("2013", {m.year: m.year for m in MILESTONES}, "Year", "timeline")


class Timeline(Demo):
    """Walk the years."""

    name, slide, title, family = "timeline", 6, "Walk the years", "winner"
    hint = "Choose a year. Where a small relative runs here, it draws."
    models = tuple(dict.fromkeys(m.model for m in MILESTONES if m.model))
    parameters = TimelineParameters

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """The milestone's words, and eight faces by its kind."""
        year = cast(TimelineParameters, p).year
        milestone = next(m for m in MILESTONES if m.year == year)
        words = Message(f"{year}. {milestone.text}")
        if not milestone.model:
            note = "No small relative of these runs here."
            yield Shown((words,), note, 1, 1, 0.0, True)
            return
        yield Shown((words,), f"The {milestone.model} model is drawing.", 0, 1)
        procedure = f"{milestone.model}.sample"
        prompted = "prompt" in context.zoo.procedure(procedure).parameters.bounds()
        asked = {"prompt": PROMPTS[p.seed % 4]} if prompted else {}
        frame = await result(context, procedure, n=8, seed=p.seed, **asked)
        label = f"“{asked['prompt']}”" if prompted else "Eight faces"
        sheet = picture(frame.view.images, label, "Eight faces", 4, 2)
        note = f"Drawn by this deck's {milestone.model} model, of the kind of {year}."
        yield Shown((words, sheet), note, 1, 1, frame.seconds, True)

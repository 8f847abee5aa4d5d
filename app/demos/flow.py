"""Slide 3, first half: the normalizing flow."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import torch

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.panels import Bar, Bars, Facts, Panel, picture
from app.demos.parameters import Parameters, dataset, face, slider, slider_of
from app.engine import Progress
from models.procedures.flow import SampleParameters as Sampling
from models.runtime.sampler import View

LONGEST = 16
"""Bits per dimension that fill a bar."""
RAW = 8
"""Bits per dimension of uncompressed pixels."""


class SampleParameters(Parameters):
    """What to draw, how clear shapes are made, and how wide the Gaussian is that it comes from.

    The temperature is relative to what suits the data, as the model's card has it.
    """

    dataset: str = dataset()
    guidance_scale: float = slider_of(Sampling, "guidance_scale", "Guidance", high=5, step=0.5)
    temperature: float = slider(1, 0.3, 1.2, 0.05, "Temperature")


class FlowSample(Demo[SampleParameters]):
    """Noise becomes faces, or clothes, through invertible blocks."""

    name, slide, order, title, family = "flow", 3, 1, "Noise to face", "flow"
    hint = "At guidance 1 it draws what it has learned; more makes shapes clearer."
    models = ("flow", "fashion-flow")
    parameters = SampleParameters

    def frames(self, context: Context, p: SampleParameters) -> AsyncGenerator[Frame, None]:
        """One frame a block."""
        procedure = f"{self.model_of(context, p.dataset)}.sample"
        temperature = p.temperature * context.request(procedure).parameters.temperature
        request = context.request(
            procedure,
            n=8,
            seed=p.seed,
            temperature=temperature,
            guidance_scale=p.guidance_scale,
        )

        def draw(view: View, progress: Progress) -> Sequence[Panel]:
            label = f"After block {progress.step}"
            if progress.step == 0:
                label = f"Gaussian noise × {temperature:.2g}"
            elif progress.step > view.extras["blocks"]:
                label = "Training noise removed"
            return [picture(view.images, label, f"{label}: eight images", 4)]

        def note(progress: Progress) -> str:
            blocks = progress.view.extras["blocks"]
            if progress.step > blocks:
                return (
                    "Not a block and not invertible: a gradient of the log-likelihood took off "
                    "the noise of the training images."
                )
            return f"{progress.step} of {blocks} invertible blocks undone."

        return follow(context, procedure, request, draw, note)


class RoundTripParameters(Parameters):
    """Which face to send there and back."""

    image: int = face(17)


class RoundTrip(Demo[RoundTripParameters]):
    """Image → noise → the same image."""

    name, slide, order, title, family = "roundtrip", 3, 2, "There and back", "flow"
    hint = (
        "The way back is exact but for the computer's rounding. The face first gets the noise of "
        "the training images: of clean ones this flow has learned no density."
    )
    models = ("flow",)
    parameters = RoundTripParameters

    def frames(self, context: Context, p: RoundTripParameters) -> AsyncGenerator[Frame, None]:
        """Forward through the blocks to z, then back."""
        images = faces([p.image])
        request = context.request("flow.roundtrip", seed=p.seed, images=images, training_noise=True)

        def draw(view: View, progress: Progress) -> Sequence[Panel]:
            extras = view.extras
            label = "To noise" if extras["phase"] == "forward" else "And back"
            if progress.step == 0:
                label = "With the training noise"
            panels: list[Panel] = [
                picture(images, "Real face", "The real face"),
                picture(view.images[:1], label, label),
            ]
            if "z" in extras:
                facts = [
                    ("Deviation of z, a Gaussian's is 1", f"{float(extras['z'].std()):.2f}"),
                    ("Exact likelihood", f"{float(extras['bits_per_dim'][0]):.2f} bits/dim"),
                ]
                if "error" in extras:
                    facts.append(("Largest error", f"{float(extras['error']):.1e}"))
                panels.append(Facts(tuple(facts)))
            return panels

        return follow(context, "flow.roundtrip", request, draw, _passage)


def _passage(progress: Progress) -> str:
    """Which block of the way there, or of the way back."""
    blocks, step = progress.view.extras["blocks"], progress.step
    if step == 0:
        return "A real face with the Gaussian noise that the flow was trained with."
    if step <= blocks:
        return f"Block {step} of {blocks} applied, on the way to z."
    return f"Block {2 * blocks - step + 1} of {blocks} undone, on the way back."


class Likelihood(Demo[Parameters]):
    """How likely is it? Only flows answer exactly."""

    name, slide, order, title, family = "likelihood", 3, 3, "How likely?", "flow"
    hint = (
        "Fewer bits mean more likely; all three get the training noise first. Which is the least "
        "surprising?"
    )
    models = ("flow",)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """Bits per dimension of a real face, a sampled one, and noise."""
        generator = torch.Generator().manual_seed(p.seed)
        index = int(torch.randint(256, (1,), generator=generator))
        drawing = Result(context, "flow.sample", n=1, seed=p.seed)
        async with aclosing(drawing.frames("The flow is drawing a face.", 3)) as frames:
            async for frame in frames:
                yield frame
        pixels = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
        named = {"a real face": faces([index]), "a drawn face": drawing.end.view.images}
        named["random pixels"] = pixels
        bars: list[Bar] = []
        panels: list[Panel] = []
        seconds = drawing.end.seconds
        for i, (name, image) in enumerate(named.items(), 1):
            images = image.clamp(-1, 1)
            asked = Result(context, "flow.encode", seed=p.seed, images=images, training_noise=True)
            end = await asked.wait()
            seconds += end.seconds
            bits = float(end.view.extras["bits_per_dim"][0])
            panels.append(picture(image, name, name))
            bars.append(Bar(name, bits / LONGEST, f"{bits:.2f}"))
            label = f"Exact negative log-likelihood, bits/dim; the line: raw pixels, {RAW}"
            shown = (*panels, Bars(label, tuple(bars), RAW / LONGEST))
            yield Frame(shown, f"Computed the likelihood of {name}.", i, 3, seconds, i == 3)

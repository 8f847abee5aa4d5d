"""Slide 3, first half: the normalizing flow."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import cast

import torch

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import DATASETS, Demo, Shown, follow, result
from app.demos.panels import Bar, Bars, Facts, Panel, picture
from app.demos.parameters import Parameters, face, select, slider
from app.engine import Frame
from models.runtime.sampler import View


class SampleParameters(Parameters):
    """What to draw, how clear shapes are made, and how wide the Gaussian is that it comes from.

    The temperature is relative to what suits the data.
    """

    dataset: str = select("faces", DATASETS, "Data")
    guidance_scale: float = slider(2, 1, 5, 0.5, "Guidance")
    temperature: float = slider(1, 0.3, 1.2, 0.05, "Temperature")


class FlowSample(Demo):
    """Noise becomes faces, or clothes, through invertible blocks."""

    name, slide, title, family = "flow", 3, "Noise to face", "flow"
    hint = "At guidance 1 it draws what it has learned; more makes shapes clearer."
    models = ("flow", "fashion-flow")
    parameters = SampleParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """One frame a block."""
        wanted = cast(SampleParameters, p)
        model = "flow" if wanted.dataset == "faces" else "fashion-flow"
        own = context.request(f"{model}.sample").parameters.temperature
        temperature = wanted.temperature * own
        request = context.request(
            f"{model}.sample",
            n=8,
            seed=p.seed,
            temperature=temperature,
            guidance_scale=wanted.guidance_scale,
        )

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            label = f"After block {frame.step}"
            if frame.step == 0:
                label = f"Gaussian noise × {temperature:.2g}"
            elif frame.step > view.extras["blocks"]:
                label = "Training noise removed"
            return [picture(view.images, label, f"{label}: eight images", 4)]

        def note(frame: Frame) -> str:
            blocks = frame.view.extras["blocks"]
            if frame.step > blocks:
                return "A gradient of the log-likelihood took off the noise of the training images."
            return f"{frame.step} of {blocks} invertible blocks undone."

        return follow(context, f"{model}.sample", request, draw, note)


class RoundTripParameters(Parameters):
    """Which face to send there and back."""

    image: int = face(17)


class RoundTrip(Demo):
    """Image → noise → the same image."""

    name, slide, title, family = "roundtrip", 3, "There and back", "flow"
    hint = "The way back is exact: the error is only the computer's rounding."
    models = ("flow",)
    parameters = RoundTripParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Forward through the blocks to z, then back."""
        images = faces([cast(RoundTripParameters, p).image])
        request = context.request("flow.roundtrip", seed=p.seed, images=images)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            phase = view.extras.get("phase", "forward")
            label = "To noise" if phase == "forward" else "And back"
            panels: list[Panel] = [
                picture(images, "Real face", "The real face"),
                picture(view.images[:1], label, label),
            ]
            if "bits_per_dim" in view.extras:
                bits = float(view.extras["bits_per_dim"][0])
                facts = [("Exact likelihood", f"{bits:.2f} bits/dim")]
                if "error" in view.extras:
                    facts.append(("Largest error", f"{float(view.extras['error']):.1e}"))
                panels.append(Facts(tuple(facts)))
            return panels

        return follow(
            context, "flow.roundtrip", request, draw,
            lambda f: f"Block {f.step} of {f.total}: down to z, then back up.",
        )  # fmt: skip


class Likelihood(Demo):
    """How likely is it? Only flows answer exactly."""

    name, slide, title, family = "likelihood", 3, "How likely?", "flow"
    hint = "Fewer bits means more likely. Which of the three is the least surprising?"
    models = ("flow",)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Bits per dimension of a real face, a sampled one, and noise."""
        generator = torch.Generator().manual_seed(p.seed)
        index = int(torch.randint(256, (1,), generator=generator))
        drawn = await result(context, "flow.sample", n=1, seed=p.seed)
        grain = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
        names = ("a real face", "a face the flow drew", "random pixels")
        images = (faces([index]), drawn.view.images, grain)
        bars: list[Bar] = []
        panels: list[Panel] = []
        seconds = drawn.seconds
        for i, (name, image) in enumerate(zip(names, images, strict=True)):
            frame = await result(context, "flow.encode", seed=p.seed, images=image.clamp(-1, 1))
            seconds += frame.seconds
            bits = float(frame.view.extras["bits_per_dim"][0])
            panels.append(picture(image, name, name))
            bars.append(Bar(name, bits / 16, f"{bits:.2f} bits/dim"))
            shown = (*panels, Bars("Exact negative log-likelihood", tuple(bars)))
            yield Shown(shown, f"Computed the likelihood of {name}.", i + 1, 3, seconds, i == 2)

"""Slide 1: the variational autoencoder."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Shown, follow, result
from app.demos.panels import Facts, Panel, picture, strips
from app.demos.parameters import Parameters, face, slider
from app.engine import Frame
from models.runtime.sampler import View

SHOWN = 4


class ReconstructParameters(Parameters):
    """Which gallery faces to encode."""

    first: int = face(0, "First of four faces")


class Reconstruct(Demo):
    """Real faces through the bottleneck."""

    name, slide, title, family = "reconstruct", 1, "Reconstruct", "vae"
    hint = "Compare the rows: where is the reconstruction softer than the face it came from?"
    models = ("vae",)
    parameters = ReconstructParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Encode, sample, decode: one frame each."""
        first = cast(ReconstructParameters, p).first
        indices = [(first + i) % 256 for i in range(SHOWN)]
        request = context.request("vae.reconstruct", n=SHOWN, seed=p.seed, images=faces(indices))
        notes = (
            "Four real faces from the test set.",
            "The encoder gave every face a mean μ and a deviation σ in 128 dimensions.",
            "A sample z = μ + σ·ε was drawn for every face.",
            "The decoder rebuilt each face from its 128 numbers z.",
        )
        return follow(context, "vae.reconstruct", request, self._draw, lambda f: notes[f.step])

    @staticmethod
    def _draw(view: View, frame: Frame) -> Sequence[Panel]:
        extras = view.extras
        panels: list[Panel] = [
            picture(extras["originals"], "Real faces", "Four real faces", SHOWN, 2)
        ]
        if "mu" in extras:
            panels.append(strips(extras["mu"], "μ, the mean", "Heat map of the means", 3))
            panels.append(
                strips(extras["sigma"], "σ, the deviation", "Heat map of the deviations", 1)
            )
        if "z" in extras:
            panels.append(strips(extras["z"], "z, the sample", "Heat map of the samples", 3))
        if "rmse" in extras:
            panels.append(picture(view.images, "Rebuilt from z", "Four rebuilt faces", SHOWN, 2))
            error = f"{float(extras['rmse'].mean()):.1f} / 255"
            numbers = f"{view.images[0].numel():,} → {extras['z'].shape[1]}"
            panels.append(Facts((("Error (RMSE)", error), ("Numbers a face", numbers))))
        return panels


class PriorParameters(Parameters):
    """How far from the mean to sample."""

    temperature: float = slider(0.8, 0, 1.5, 0.1, "Temperature, left")


class Prior(Demo):
    """Random points of the latent space, from the Gaussian and from a prior that was learned."""

    name, slide, title, family = "prior", 1, "Imagine", "vae"
    hint = "Nobody has these faces. Left, random z. Right, z led to where the codes of faces lie."
    models = ("vae", "vae-prior")
    parameters = PriorParameters

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Twelve draws decoded at once; twelve more on their way along the learned flow."""
        temperature = cast(PriorParameters, p).temperature
        plain = await result(context, "vae.sample", n=12, seed=p.seed, temperature=temperature)
        left = picture(plain.view.images, "z from N(0, I)", "Twelve faces from random z", 4)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            label = f"z led by the learned prior, t = {view.extras['t']:.2f}"
            return [left, picture(view.images, label, "Twelve faces from led z", 4)]

        def note(frame: Frame) -> str:
            if frame.step == 0:
                return "Twelve z drawn from N(0, I), decoded in one pass."
            return f"Step {frame.step} of {frame.total} of a small flow, in 128 dimensions."

        request = context.request("vae-prior.sample", n=12, seed=p.seed)
        async with aclosing(follow(context, "vae-prior.sample", request, draw, note)) as frames:
            async for shown in frames:
                yield shown


class InterpolateParameters(Parameters):
    """The two ends."""

    a: int = face(5, "From face")
    b: int = face(9, "To face")


class Interpolate(Demo):
    """A walk between two faces."""

    name, slide, title, family = "interpolate", 1, "Interpolate", "vae"
    hint = "Drag the bar below: the latent space has no holes between two faces."
    models = ("vae",)
    parameters = InterpolateParameters

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Sixteen points on the line between two means, one frame each."""
        ends = cast(InterpolateParameters, p)
        images = faces([ends.a, ends.b])
        request = context.request("vae.interpolate", seed=p.seed, images=images, points=16)
        play = context.submit("vae.interpolate", request, frames=False)
        frame = await play.result()
        points = frame.view.images
        for i, image in enumerate(points):
            share = i / (len(points) - 1)
            panels = (
                picture(images[:1], "From", "The first face"),
                picture(image[None], f"{share:.0%} of the way", "The decoded point", share=2.2),
                picture(images[1:], "To", "The second face"),
            )
            note = f"Decoded z = {1 - share:.2f} μ of the first + {share:.2f} μ of the second."
            last = i + 1 == len(points)
            yield Shown(panels, note, i + 1, len(points), frame.seconds, last)

"""Slide 1: the variational autoencoder."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.panels import Facts, Panel, picture, strips
from app.demos.parameters import Parameters, face, slider_of
from app.engine import Progress
from models.procedures.vae import SampleParameters
from models.runtime.sampler import View

FACES = 4
POINTS = 16


class ReconstructParameters(Parameters):
    """Which gallery faces to encode: four, from the first."""

    first: int = face(0, "First of four faces")


class Reconstruct(Demo[ReconstructParameters]):
    """Real faces through the bottleneck."""

    name, slide, order, title, family = "reconstruct", 1, 1, "Reconstruct", "vae"
    hint = "Compare the rows: where is the reconstruction softer than the face it came from?"
    models = ("vae",)
    parameters = ReconstructParameters

    def frames(self, context: Context, p: ReconstructParameters) -> AsyncGenerator[Frame, None]:
        """Encode, sample, decode: one frame each."""
        indices = [(p.first + i) % 256 for i in range(FACES)]
        request = context.request("vae.reconstruct", n=FACES, seed=p.seed, images=faces(indices))
        notes = (
            "Four real faces from the test set.",
            "The encoder gave every face a mean μ and a deviation σ in 128 dimensions.",
            "A sample z = μ + σ·ε was drawn for every face.",
            "The decoder rebuilt each face from its 128 numbers z.",
        )
        return follow(context, "vae.reconstruct", request, self._draw, lambda f: notes[f.step])

    @staticmethod
    def _draw(view: View, _: Progress) -> Sequence[Panel]:
        extras = view.extras
        panels: list[Panel] = [
            picture(extras["originals"], "Real faces", "Four real faces", FACES, 2)
        ]
        if "mu" in extras:
            panels.append(strips(extras["mu"], "μ, the mean", "Heat map of the means", 3))
            panels.append(
                strips(extras["sigma"], "σ, the deviation", "Heat map of the deviations", 1)
            )
        if "z" in extras:
            panels.append(strips(extras["z"], "z, the sample", "Heat map of the samples", 3))
        if "rmse" in extras:
            panels.append(picture(view.images, "Rebuilt from z", "Four rebuilt faces", FACES, 2))
            error = f"{float(extras['rmse'].mean()):.1f} / 255"
            numbers = f"{view.images[0].numel():,} → {extras['z'].shape[1]}"
            panels.append(Facts((("Error (RMSE)", error), ("Numbers a face", numbers))))
        return panels


class PriorParameters(Parameters):
    """How far from the mean to sample."""

    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature, left", default=0.8, high=1.5, step=0.1
    )


class Prior(Demo[PriorParameters]):
    """Random points of the latent space, from the Gaussian and from a prior that was learned."""

    name, slide, order, title, family = "prior", 1, 2, "Imagine", "vae"
    hint = "Nobody has these faces. Left, random z. Right, z led to where the codes of faces lie."
    models = ("vae", "vae-prior")
    parameters = PriorParameters

    async def frames(self, context: Context, p: PriorParameters) -> AsyncGenerator[Frame, None]:
        """Twelve draws decoded at once; twelve more on their way along the learned flow."""
        plain = Result(context, "vae.sample", n=12, seed=p.seed, temperature=p.temperature)
        async with aclosing(plain.frames("Twelve random z are being decoded.")) as frames:
            async for frame in frames:
                yield frame
        left = picture(plain.end.view.images, "z from N(0, I)", "Twelve faces from random z", 4)

        def draw(view: View, _: Progress) -> Sequence[Panel]:
            label = f"z led by the learned prior, t = {view.extras['t']:.2f}"
            return [left, picture(view.images, label, "Twelve faces from led z", 4)]

        def note(progress: Progress) -> str:
            if progress.step == 0:
                return "Twelve z drawn from N(0, I), decoded in one pass."
            return f"Step {progress.step} of {progress.total} of a small flow, in 128 dimensions."

        request = context.request("vae-prior.sample", n=12, seed=p.seed)
        async with aclosing(follow(context, "vae-prior.sample", request, draw, note)) as frames:
            async for frame in frames:
                yield frame


class InterpolateParameters(Parameters):
    """The two ends."""

    a: int = face(5, "From face")
    b: int = face(9, "To face")


class Interpolate(Demo[InterpolateParameters]):
    """A walk between two faces."""

    name, slide, order, title, family = "interpolate", 1, 3, "Interpolate", "vae"
    hint = "Drag the bar below: the latent space has no holes between two faces."
    models = ("vae",)
    parameters = InterpolateParameters
    seeded = False

    async def frames(
        self, context: Context, p: InterpolateParameters
    ) -> AsyncGenerator[Frame, None]:
        """Sixteen points on the line between two means, one frame each."""
        ends = faces([p.a, p.b])
        walk = Result(context, "vae.interpolate", seed=p.seed, images=ends, points=POINTS)
        asked = walk.frames("Two faces are encoded, and the line between them decoded.", POINTS)
        async with aclosing(asked) as frames:
            async for frame in frames:
                yield frame
        for i, image in enumerate(walk.end.view.images):
            share = i / (POINTS - 1)
            panels = (
                picture(ends[:1], "From", "The first face"),
                picture(image[None], f"{share:.0%} of the way", "The decoded point", share=2.2),
                picture(ends[1:], "To", "The second face"),
            )
            note = f"Decoded z = {1 - share:.2f} μ of the first + {share:.2f} μ of the second."
            last = i + 1 == POINTS
            yield Frame(panels, note, i + 1, POINTS, walk.end.seconds, last)

"""Slide 4: a face becomes noise."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, follow
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters, face
from app.engine import Progress
from models.families.diffusion import T
from models.runtime.sampler import View


class NoisingParameters(Parameters):
    """Which face becomes noise."""

    image: int = face(3)


class Noising(Demo[NoisingParameters]):
    """A face becomes noise."""

    name, slide, order, title, family = "noising", 4, 2, "Add noise", "diffusion"
    hint = "Drag the bar: at which t can you no longer tell who it is?"
    models = ("diffusion",)
    parameters = NoisingParameters

    def frames(self, context: Context, p: NoisingParameters) -> AsyncGenerator[Frame, None]:
        """The forward process in twenty steps of t."""
        images = faces([p.image])
        request = context.request("diffusion.noise", seed=p.seed, images=images, num_steps=20)

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            kept = view.extras["alpha_bar"]
            bars = (
                Bar("image", kept, f"{kept:.1%}"),
                Bar("noise", 1 - kept, f"{1 - kept:.1%}"),
            )
            t = view.extras["t"]
            return [
                picture(images, "Real face", "The real face"),
                picture(view.images, f"t = {t}", f"The face at t = {t}", share=1.5),
                Bars("Share of the variance", bars),
            ]

        return follow(
            context, "diffusion.noise", request, draw,
            lambda f: f"Gaussian noise added up to t = {round(T * f.step / f.total)} of {T}.",
        )  # fmt: skip

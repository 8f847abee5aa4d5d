"""Slide 4: diffusion in pixels."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import cast

from app.context import Context
from app.demos.autoregressive import read_words
from app.demos.demo import PROMPTS, Demo, Shown, follow
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters, face, prompt, select, slider
from app.engine import Frame
from app.gallery import faces
from models.diffusion import T
from models.sampler import Request, View


class DenoiseParameters(Parameters):
    """Everything a sampler lets one choose."""

    prompt: str = prompt(PROMPTS[0])
    solver: str = select(
        "dpm-solver++", {"dpm-solver++": "DPM-Solver++", "ddim": "DDIM", "ddpm": "DDPM"}, "Solver"
    )
    num_steps: int = slider(20, 1, 100, 1, "Steps")
    guidance_scale: float = slider(2, 0, 8, 0.5, "Guidance")


class Denoise(Demo):
    """Noise becomes a face."""

    name, slide, title, family = "denoise", 4, "Denoise", "diffusion"
    hint = "Left, where the image is. Right, the clean face the network already sees in it."
    models = ("diffusion", "clip")
    parameters = DenoiseParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """x_t and the predicted x_0, step by step."""
        wanted = cast(DenoiseParameters, p)
        request = Request(
            n=4,
            seed=p.seed,
            prompt=wanted.prompt,
            num_steps=int(wanted.num_steps),
            guidance_scale=wanted.guidance_scale,
            solver=wanted.solver,
        )
        words = read_words(wanted.prompt)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            t = view.extras["t"]
            panels: list[Panel] = [picture(view.images, f"x at t = {t}", "Four noisy faces", 2)]
            if frame.step:
                clean = picture(view.extras["x0"], "Predicted clean face", "Four predictions", 2)
                panels.append(clean)
            return [*panels, words]

        return follow(
            context, "diffusion.sample", request, draw,
            lambda f: f"Denoising step {f.step} of {f.total} from t = {T}.",
        )  # fmt: skip


class NoisingParameters(Parameters):
    """Which face to drown."""

    image: int = face(3)


class Noising(Demo):
    """A face becomes noise."""

    name, slide, title, family = "noising", 4, "Add noise", "diffusion"
    hint = "Drag the bar: at which t can you no longer tell who it is?"
    models = ("diffusion",)
    parameters = NoisingParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """The forward process in twenty steps of t."""
        images = faces([cast(NoisingParameters, p).image])
        request = Request(n=1, seed=p.seed, images=images, num_steps=20)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
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

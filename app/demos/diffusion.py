"""Slide 4: diffusion in pixels."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, follow
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters, dataset, face, prompt, select, slider_of
from app.demos.suggestions import FACE
from app.engine import Progress
from models.families.diffusion import T
from models.procedures.diffusion import SampleParameters
from models.runtime.sampler import View


class DenoiseParameters(Parameters):
    """Everything a sampler lets one choose."""

    dataset: str = dataset()
    prompt: str = prompt(FACE)
    solver: str = select(
        "dpm-solver++", {"dpm-solver++": "DPM-Solver++", "ddim": "DDIM", "ddpm": "DDPM"}, "Solver"
    )
    num_steps: int = slider_of(SampleParameters, "num_steps", "Steps", high=100)
    guidance_scale: float = slider_of(
        SampleParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


class Denoise(Demo[DenoiseParameters]):
    """Noise becomes a face, or clothing."""

    name, slide, order, title, family = "denoise", 4, 1, "Denoise", "diffusion"
    hint = "Left, where the image is. Right, the clean image the network already sees in it."
    models = ("diffusion", "clip", "fashion-diffusion")
    parameters = DenoiseParameters

    def frames(self, context: Context, p: DenoiseParameters) -> AsyncGenerator[Frame, None]:
        """x_t and the predicted x_0, step by step."""
        procedure = f"{self.drawn_by(context, p)}.sample"
        request = context.request(
            procedure,
            n=4,
            seed=p.seed,
            prompt=p.prompt,
            num_steps=p.num_steps,
            guidance_scale=p.guidance_scale,
            solver=p.solver,
        )
        words = self.read(context, p)
        thing = "photo" if p.dataset == "fashion" else "face"

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            t = view.extras["t"]
            panels: list[Panel] = [picture(view.images, f"x at t = {t}", f"Four noisy {thing}s", 2)]
            if frame.step:
                label = f"Predicted clean {thing}"
                panels.append(picture(view.extras["x0"], label, "Four predictions", 2))
            return [*panels, words]

        return follow(
            context, procedure, request, draw,
            lambda f: words.after(f"Denoising step {f.step} of {f.total} from t = {T}."),
        )  # fmt: skip


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

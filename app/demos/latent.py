"""Slide 7: latent diffusion from the prompt to the picture."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from app.context import Context
from app.deck.comparison import step_ratio
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.panels import Bar, Bars, Facts, Message, Panel, picture
from app.demos.parameters import Parameters, face, prompt, slider_of
from app.demos.suggestions import LANDSCAPE, as_faces
from app.engine import Progress
from models.data.captions.subjects import worlds_of
from models.procedures.latent_diffusion import LatentParameters
from models.runtime.sampler import Request, View


class PromptParameters(Parameters):
    """What to draw, and how strongly the prompt is to be followed."""

    prompt: str = prompt(LANDSCAPE)
    num_steps: int = slider_of(LatentParameters, "num_steps", "Steps", low=4, high=50)
    guidance_scale: float = slider_of(
        LatentParameters, "guidance_scale", "Guidance", default=2.5, high=8, step=0.5
    )


def _request(context: Context, p: PromptParameters, n: int, attention: bool) -> Request[Any]:
    return context.request(
        "latent-diffusion.sample",
        n=n,
        seed=p.seed,
        prompt=p.prompt,
        num_steps=p.num_steps,
        guidance_scale=p.guidance_scale,
        attention=attention,
    )


class PromptToImage(Demo[PromptParameters]):
    """The whole machine."""

    name, slide, order, title, family = "prompt", 7, 1, "Prompt to picture", "latent"
    hint = "All the work happens in the small coloured square; the decoder makes the picture."
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: PromptParameters) -> AsyncGenerator[Frame, None]:
        """Latent as colour and what it decodes to, step by step."""
        words = self.read(context, p)

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            latent = view.extras["latent"]
            label = "Latent noise" if frame.step == 0 else f"Latent at t = {view.extras['t']}"
            return [
                words,
                picture(latent, f"{label}, 16×16×4", "The latent as colours", 1, 0.8),
                picture(view.images, "Decoded, 128×128", "Two decoded pictures", 2, 2.4),
            ]

        return follow(
            context, "latent-diffusion.sample", _request(context, p, 2, False), draw,
            lambda f: words.after(
                f"Step {f.step} of {f.total} in the latent space, then one decoder pass."
            ),
        )  # fmt: skip


def overlay(image: Tensor, heat: Tensor) -> Tensor:
    """An image [3, H, W] dimmed where a map [h, w] in [0, 1] is low."""
    large = F.interpolate(heat[None, None], size=image.shape[1:], mode="bilinear")[0, 0]
    return ((image + 1) * (0.15 + 0.85 * large) - 1).clamp(-1, 1)


class Attention(Demo[PromptParameters]):
    """Which places of the picture attend to each word."""

    name, slide, order, title, family = "attention", 7, 3, "Where words act", "latent"
    hint = "Each tile is bright where the picture attends to its word. At most eight words fit."
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: PromptParameters) -> AsyncGenerator[Frame, None]:
        """Cross-attention maps of the words over the picture."""

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            panels: list[Panel] = [
                picture(view.images[:1], "Picture so far", "The decoded picture", share=1.4)
            ]
            pairs = zip(view.extras["words"], view.extras.get("attention", []), strict=False)
            shown = [(word, heat) for word, heat in pairs if worlds_of(word)][:8]
            for word, heat in shown:
                tile = overlay(view.images[0], heat)
                panels.append(
                    picture(tile[None], word, f"Where the picture attends to “{word}”", share=0.6)
                )
            return panels

        return follow(
            context, "latent-diffusion.sample", _request(context, p, 1, True), draw,
            lambda f: f"Attention of every word at step {f.step} of {f.total}.",
        )  # fmt: skip


class CompressParameters(Parameters):
    """Which faces to compress."""

    image: int = face(40)


class Compress(Demo[CompressParameters]):
    """The autoencoder alone."""

    name, slide, order, title, family = "compress", 7, 4, "Compress", "latent"
    hint = "Sixty-four times fewer positions. Look closely: what did it cost?"
    models = ("autoencoder",)
    parameters = CompressParameters
    seeded = False

    def frames(self, context: Context, p: CompressParameters) -> AsyncGenerator[Frame, None]:
        """Encode and decode a real 128×128 face."""
        images = faces([p.image], 128)
        request = context.request("latent-diffusion.autoencode", seed=p.seed, images=images)

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            panels: list[Panel] = [picture(images, "Real, 128×128", "The real face")]
            if "latent" in view.extras:
                latent = view.extras["latent"]
                panels.append(
                    picture(latent, "Latent, 16×16×4", "The latent as colours", share=0.5)
                )
            if "rmse" in view.extras:
                panels.append(picture(view.images, "Decoded", "The reconstruction"))
                error = float(view.extras["rmse"][0])
                panels.append(
                    Facts((("Positions", "16,384 → 256"), ("Error", f"{error:.1f} / 255")))
                )
            return panels

        return follow(
            context, "latent-diffusion.autoencode", request, draw,
            lambda f: ("A real face.", "Encoded.", "Decoded.")[f.step],
        )  # fmt: skip


STEPS = 12
SPACES = (("diffusion", "pixels, 64×64", 64), ("latent-diffusion", "latent, for 128×128", 128))
"""Model, what it works in, and the side of its pictures."""


class Cost(Demo[Parameters]):
    """Pixels against latents, on the clock."""

    name, slide, order, title, family = "cost", 7, 5, "What it costs", "latent"
    hint = "A step costs about the same; the latent one makes four times as many pixels."
    models = ("diffusion", "latent-diffusion")

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """The same number of steps in both spaces, timed now."""
        rows: list[tuple[str, float, int, Tensor]] = []
        for i, (model, name, side) in enumerate(SPACES, 1):
            asked = as_faces(context, model)
            procedure = f"{model}.sample"
            drawing = Result(context, procedure, n=4, seed=p.seed, num_steps=STEPS, **asked)
            if rows:
                await drawing.wait()
            else:
                opening = drawing.frames(f"Twelve steps in {name}.", len(SPACES))
                async with aclosing(opening) as frames:
                    async for frame in frames:
                        yield frame
            end = drawing.end
            rows.append((name, end.compute / end.total, side, end.view.images))
            panels = (*self._draw(rows), *self._savings(context))
            note = f"Twelve steps in {name} for four faces."
            yield Frame(panels, note, i, len(SPACES), end.seconds, i == len(SPACES))

    @staticmethod
    def _savings(context: Context) -> list[Panel]:
        """The step of the latent model against one in as many pixels, as its card has it."""
        ratio = step_ratio(context)
        if not ratio:
            return []
        text = (
            f"The same network on 128×128 pixels: {ratio['gflops']:.1f} times the operations of a "
            f"latent step, {ratio['milliseconds']:.1f} times the time (measured beforehand)."
        )
        return [Message(text)]

    @staticmethod
    def _draw(rows: list[tuple[str, float, int, Tensor]]) -> list[Panel]:
        panels: list[Panel] = [picture(r[3], r[0], f"Four faces by {r[0]}", 2, 2) for r in rows]
        slowest = max(r[1] for r in rows)
        step = tuple(Bar(n, s / slowest, f"{1000 * s:.0f} ms a step") for n, s, _, _ in rows)
        rate = [4 * side**2 / (STEPS * s) for _, s, side, _ in rows]
        pixels = tuple(
            Bar(r[0], v / max(rate), f"{v / 1000:,.0f} k pixels/s")
            for r, v in zip(rows, rate, strict=True)
        )
        return [*panels, Bars("Cost of a step", step), Bars("Pixels made a second", pixels)]

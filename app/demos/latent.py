"""Slide 7: latent diffusion from the prompt to the picture."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

import torch.nn.functional as F
from torch import Tensor

from app.context import Context
from app.deck.comparison import step_ratio
from app.deck.gallery import faces
from app.demos.autoregressive import read_words
from app.demos.demo import PROMPTS, Demo, Shown, follow, result
from app.demos.panels import Bar, Bars, Facts, Message, Panel, picture
from app.demos.parameters import Parameters, face, prompt, slider
from app.engine import Frame
from models.runtime.sampler import Request, View


class PromptParameters(Parameters):
    """What to draw and how hard to insist."""

    prompt: str = prompt(PROMPTS[0])
    num_steps: int = slider(20, 4, 50, 1, "Steps")
    guidance_scale: float = slider(2.5, 0, 8, 0.5, "Guidance")


def _request(context: Context, p: PromptParameters, n: int, attention: bool) -> Request[Any]:
    return context.request(
        "latent-diffusion.sample",
        n=n,
        seed=p.seed,
        prompt=p.prompt,
        num_steps=int(p.num_steps),
        guidance_scale=p.guidance_scale,
        attention=attention,
    )


class PromptToImage(Demo):
    """The whole machine."""

    name, slide, title, family = "prompt", 7, "Prompt to picture", "latent"
    hint = "All the work happens in the small coloured square; the decoder makes the picture."
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Latent as colour and what it decodes to, step by step."""
        wanted = cast(PromptParameters, p)
        words = read_words(wanted.prompt)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            latent = view.extras["latent"]
            label = "Latent noise" if frame.step == 0 else f"Latent at t = {view.extras['t']}"
            return [
                words,
                picture(latent, f"{label}, 16×16×4", "The latent as colours", 1, 0.8),
                picture(view.images, "Decoded, 128×128", "Two decoded faces", 2, 2.4),
            ]

        return follow(
            context, "latent-diffusion.sample", _request(context, wanted, 2, False), draw,
            lambda f: f"Step {f.step} of {f.total} in the latent space, then one decoder pass.",
        )  # fmt: skip


def overlay(image: Tensor, heat: Tensor) -> Tensor:
    """An image [3, H, W] dimmed where a map [h, w] in [0, 1] is low."""
    large = F.interpolate(heat[None, None], size=image.shape[1:], mode="bilinear")[0, 0]
    return ((image + 1) * (0.15 + 0.85 * large) - 1).clamp(-1, 1)


class Attention(Demo):
    """Where each word looks."""

    name, slide, title, family = "attention", 7, "Where words act", "latent"
    hint = "Each tile lights what one word of the prompt attends to."
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Cross-attention maps of the words over the picture."""
        wanted = cast(PromptParameters, p)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
            panels: list[Panel] = [
                picture(view.images[:1], "Picture so far", "The decoded picture", share=1.4)
            ]
            plain = {"a", "an", "and", "with", "on", "wearing", "person"}
            pairs = zip(view.extras["words"], view.extras.get("attention", []), strict=False)
            shown = [(word, heat) for word, heat in pairs if word not in plain][:8]
            for word, heat in shown:
                tile = overlay(view.images[0], heat)
                panels.append(picture(tile[None], word, f"Where “{word}” attends", share=0.6))
            return panels

        return follow(
            context, "latent-diffusion.sample", _request(context, wanted, 1, True), draw,
            lambda f: f"Attention of every word at step {f.step} of {f.total}.",
        )  # fmt: skip


class CompressParameters(Parameters):
    """Which faces to compress."""

    image: int = face(40)


class Compress(Demo):
    """The autoencoder alone."""

    name, slide, title, family = "compress", 7, "Compress", "latent"
    hint = "Sixty-four times fewer positions. Look closely: what did it cost?"
    models = ("autoencoder",)
    parameters = CompressParameters

    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Encode and decode a real 128×128 face."""
        images = faces([cast(CompressParameters, p).image], 128)
        request = context.request("latent-diffusion.autoencode", seed=p.seed, images=images)

        def draw(view: View, frame: Frame) -> Sequence[Panel]:
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


class Cost(Demo):
    """Pixels against latents, on the clock."""

    name, slide, title, family = "cost", 7, "What it costs", "latent"
    hint = "A step costs about the same; the latent one makes four times as many pixels."
    models = ("diffusion", "latent-diffusion")

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """The same number of steps in both spaces, timed now."""
        rows: list[tuple[str, float, int, Tensor]] = []
        for i, (model, name, side) in enumerate(
            (
                ("diffusion", "pixels, 64×64", 64),
                ("latent-diffusion", "latent, for 128×128", 128),
            ),
            1,
        ):
            frame = await result(context, f"{model}.sample", n=4, seed=p.seed, num_steps=12)
            rows.append((name, frame.compute / frame.total, side, frame.view.images))
            panels = self._draw(rows)
            panels += self._savings(context)
            note = f"Twelve steps in {name} for four faces."
            yield Shown(tuple(panels), note, i, 2, frame.seconds, i == 2)

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
        rate = [4 * side**2 / (12 * s) for _, s, side, _ in rows]
        pixels = tuple(
            Bar(r[0], v / max(rate), f"{v / 1000:,.0f} k pixels/s")
            for r, v in zip(rows, rate, strict=True)
        )
        return [*panels, Bars("Cost of a step", step), Bars("Pixels made a second", pixels)]

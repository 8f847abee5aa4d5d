"""Slide 7: latent diffusion from the prompt to the picture."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, follow
from app.demos.diffusion.schedule import shares
from app.demos.diffusion.symbols import ALPHA_S, ALPHA_T, GAIN, SCALE, SIGMA_S, SIGMA_T
from app.demos.kit import (
    Arrow,
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Loop,
    Machine,
    Part,
    Picture,
    Row,
    Scene,
    Symbol,
    Values,
    Words,
    fraction,
    hat,
    row,
    sub,
    sup,
)
from app.demos.latent.channels import latent_picture
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.prompts.reading import Reading
from app.demos.prompts.suggestions import LANDSCAPE
from app.engine import Progress
from models.data.captions.tokenizer import tokenizer
from models.families.diffusion import CosineSchedule, dpm_solver_step, guide
from models.parts.autoencoder import Autoencoder
from models.parts.clip import TextEncoder
from models.parts.denoiser import ConditionedBlock, TokenRefiner
from models.procedures.latent_diffusion import LatentParameters
from models.runtime.sampler import Request, View

WIDTH = 128
"""Numbers that the denoiser reads of a word."""
ROWS = 32
"""Of the picture of these numbers, shared by all words."""
SOURCE = (
    "Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2022; "
    "Lu et al., DPM-Solver++, 2022. D is the clean latent, carried on from the step before; h, how "
    "much clearer the step makes it."
)

WORDS = Symbol("words", "words", "the prompt, as it is understood")
TOKENS = Symbol("tokens", "c", "what the denoiser reads, a vector a word")
Z_T = Symbol("z", sub("z", "t"), "the latent")
Z_S = Symbol("next", sub("z", "s"), "the latent after the step")
VELOCITY = Symbol("velocity", hat("v"), "the denoiser's answer: which way is noise")
PLAIN = Symbol("plain", sub(hat("v"), "∅"), "its answer without the prompt")
PROMPTED = Symbol("prompted", sub(hat("v"), "c"), "its answer with the prompt")
CLEAN = Symbol("clean", sub(hat("z"), "0"), "the clean latent it has in mind")
X = Symbol("x", hat("x"), "that latent as a picture")


class PromptParameters(Parameters):
    """What to draw, and how strongly the prompt is to be followed."""

    prompt: str = prompt(LANDSCAPE)
    num_steps: int = slider_of(LatentParameters, "num_steps", "Steps", low=4, high=50)
    guidance_scale: float = slider_of(
        LatentParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


def requested(context: Context, p: PromptParameters, attention: bool) -> Request[Any]:
    """What the model is asked for, with or without its attention to each word."""
    return context.request(
        "latent-diffusion.sample",
        n=1,
        seed=p.seed,
        prompt=p.prompt,
        num_steps=p.num_steps,
        guidance_scale=p.guidance_scale,
        attention=attention,
    )


class PromptToImage(Demo[PromptParameters]):
    """The whole machine."""

    name, slide, order, family = "prompt", 7, 1, "latent"
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: PromptParameters) -> AsyncGenerator[Frame, None]:
        """The latent and what it decodes to, step by step."""
        words = self.read(context, p)
        return follow(
            context, "latent-diffusion.sample", requested(context, p, False),
            lambda view, f: _scene(p, words, view, f),
            lambda f: words.after(
                f"Step {f.step} of {f.total} in the latent space, then one decoder pass."
            ),
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: PromptParameters) -> Scene:
        """The whole machine, at rest."""
        return _scene(p, self.read(context, p))

    def formula(self, p: PromptParameters) -> Formula:
        """Reading, guidance, the clean latent, the solver's step, decoding."""
        share = row("(", "1", "−", sup("e", row("−", GAIN.bare)), ")")
        return Formula(
            Line(TOKENS, "=", "Refiner", "(", "CLIP", "(", WORDS, ")", ")", at="read"),
            Line(VELOCITY, "=", PLAIN, "+", SCALE, "(", PROMPTED, "−", PLAIN, ")", at="step"),
            Line(CLEAN, "=", ALPHA_T, Z_T, "−", SIGMA_T, VELOCITY, at="step"),
            Line(Z_S, "=", fraction(SIGMA_S, SIGMA_T), Z_T, "+", ALPHA_S, share, "D", at="step"),
            Line(X, "=", "Decoder", "(", CLEAN, ")", at="step"),
            source=SOURCE,
        )

    def listings(self, p: PromptParameters) -> Sequence[Listing]:
        """CLIP and the refiner, cross-attention, guidance, the solver, the decoder."""
        return (
            Listing(TextEncoder.forward, {"read": ("x =", "return")}),
            Listing(TokenRefiner.forward, {"read": ("tokens",)}),
            Listing(ConditionedBlock.forward, {"step": ("x = x + self.cross",)}),
            Listing(guide, {"step": ("return",)}),
            Listing(CosineSchedule.to_x0, {"step": ("return",)}),
            Listing(dpm_solver_step, {"step": ("return",)}),
            Listing(Autoencoder.decode, {"step": ("out",)}),
        )


def _strips(tokens: Tensor | None) -> Tensor | None:
    """Vectors [words, 128] one below the other, as wide as :data:`ROWS` together."""
    if tokens is None:
        return None
    filled = torch.zeros(ROWS, WIDTH)
    each = max(1, ROWS // max(1, len(tokens)))
    for i, vector in enumerate(tokens[:ROWS]):
        filled[i * each : i * each + max(1, each - 1)] = vector  # a line between two words
    return filled.flatten()


def _read(p: PromptParameters, extras: Mapping[str, Any], lit: bool) -> Row:
    """CLIP, and what comes of the words."""
    count, tokens = len(tokenizer().encode(p.prompt).words), extras.get("tokens")
    limit = 1.0 if tokens is None or not len(tokens) else 2 * float(tokens.square().mean().sqrt())
    label = f"{count} {'word' if count == 1 else 'words'} × {WIDTH} numbers"
    vectors = Values(
        _strips(tokens), "A vector for each word, one below the other", label, limit,
        WIDTH, ROWS * WIDTH, name="tokens", grow=9,
    )  # fmt: skip
    clip = Machine("text", "CLIP", name="words tokens", lit=lit, grow=3)
    return Row((clip, Arrow(lit=lit), vectors), grow=8)


def _scene(
    p: PromptParameters,
    words: Reading,
    view: View | None = None,
    progress: Progress | None = None,
) -> Scene:
    """Words, CLIP, the denoiser's loop over the latent, the decoder, the picture."""
    step, total = (progress.step, progress.total) if progress else (0, p.num_steps)
    extras: Mapping[str, Any] = view.extras if view else {}
    works = 0 < step < total
    denoiser = Machine("network", "Denoiser", name="velocity plain prompted", lit=works, grow=5)
    latent = latent_picture(extras.get("latent"), name="z next clean", grow=8)
    count = f"step {step} of {total}" if view else f"{total} steps"
    left: Sequence[Part] = (
        _read(p, extras, view is not None and step == 0),
        Arrow("cross-attention", name="tokens", lit=works, grow=2),
        Loop((denoiser, latent), count, name="z next", lit=works, grow=20),
    )
    picture = Picture(
        view.images if view else None, "The latent, decoded", "decoded, 128×128", side=128,
        name="x", grow=14, filmed=True, result=True,
    )  # fmt: skip
    decoder = Machine("decoder", "Decoder", name="x", lit=view is not None and step > 0, grow=2)
    machine = Row((Column(left, grow=14), decoder, picture), grow=17)
    root_ = Column((Words(words, name="words"), machine, Film(grow=3)))
    at = "" if view is None else "step" if step else "read"
    return Scene(root_, _told(step, total, extras), at, _numbers(p, step, extras))


def _told(step: int, total: int, extras: Mapping[str, Any]) -> str:
    if not extras:
        return (
            "A prompt, CLIP, a denoiser that works on a latent of four channels again and again, "
            "a decoder, and a picture: all empty."
        )
    read = len(extras["words"])
    if not step:
        return f"{read} words have become as many vectors. The latent is noise: 4×16×16 numbers."
    return (
        f"Step {step} of {total}, to t = {extras['t']}. The denoiser has looked at {read} words by "
        "cross-attention and made the latent clearer. The decoder shows what it has in mind as a "
        "picture of 128×128."
    )


def _numbers(p: PromptParameters, step: int, extras: Mapping[str, Any]) -> dict[str, str]:
    numbers = {"scale": f"{p.guidance_scale:g}"}
    if extras:
        numbers |= {"words": f"{len(extras['words'])}", "tokens": f"{len(extras['words'])} × 128"}
        numbers |= {"z": f"t = {extras['t_before']}"}
    if step:
        numbers |= {"next": f"s = {extras['t']}", **shares(extras["t_before"], extras["t"])}
    return numbers

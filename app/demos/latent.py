"""Slide 7: latent diffusion from the prompt to the picture."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from app.context import Context
from app.deck.images import heat
from app.demos.demo import Demo, Frame, follow
from app.demos.denoise import ALPHA_S, ALPHA_T, GAIN, SCALE, SIGMA_S, SIGMA_T, shares
from app.demos.kit import (
    Arrow,
    Column,
    Detail,
    Film,
    Formula,
    Lens,
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
    root,
    row,
    sub,
    sup,
)
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.reading import Reading
from app.demos.suggestions import LANDSCAPE
from app.engine import Progress
from models.data.captions.subjects import worlds_of
from models.data.captions.tokenizer import tokenizer
from models.families.diffusion import CosineSchedule, dpm_solver_step, guide
from models.parts.autoencoder import Autoencoder
from models.parts.clip import TextEncoder
from models.parts.denoiser import ConditionedBlock, TokenRefiner
from models.parts.transformer import Attention as Attending
from models.procedures.latent_diffusion import LatentDiffusionSampler, LatentParameters
from models.runtime.sampler import Request, View

WIDTH = 128
"""Numbers that the denoiser reads of a word."""
ROWS = 32
"""Of the picture of these numbers, shared by all words."""
MOST = 8
"""Words whose attention is shown."""
DEVIATIONS = 3.0
"""Magnitude in full colour of a latent, whose numbers have unit variance."""
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
        LatentParameters, "guidance_scale", "Guidance", default=2.5, high=8, step=0.5
    )


def _request(context: Context, p: PromptParameters, attention: bool) -> Request[Any]:
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

    name, slide, order, title, family = "prompt", 7, 1, "Prompt to picture", "latent"
    hint = "All the work happens in the four small coloured squares; the decoder makes the picture."
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: PromptParameters) -> AsyncGenerator[Frame, None]:
        """The latent and what it decodes to, step by step."""
        words = self.read(context, p)
        return follow(
            context, "latent-diffusion.sample", _request(context, p, False),
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


def channels(latent: Tensor | None) -> Tensor | None:
    """The channels of latents [1, 4, h, w] as pictures [4, 3, h, w], blue below zero, red above."""
    if latent is None:
        return None
    return torch.stack([heat(c.flatten(), c.shape[1], DEVIATIONS) for c in latent[0]])


def latent_picture(latent: Tensor | None, label: str = "", **more: Any) -> Picture:
    """The four channels, two by two."""
    alt = "The latent: four channels of 16×16 numbers"
    return Picture(channels(latent), alt, label, 2, 4, 16, **more)


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


class Attention(Demo[PromptParameters]):
    """Which places of the picture attend to each word."""

    name, slide, order, title, family = "attention", 7, 3, "Where words act", "latent"
    hint = "Point at a word: where the picture attends to it stays bright. At most eight words fit."
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: PromptParameters) -> AsyncGenerator[Frame, None]:
        """Cross-attention maps of the words over the picture."""
        words = self.read(context, p)
        return follow(
            context, "latent-diffusion.sample", _request(context, p, True),
            lambda view, f: _attended(p, words, view, f),
            lambda f: words.after(f"Attention of every word at step {f.step} of {f.total}."),
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: PromptParameters) -> Scene:
        """The picture and a place for each word."""
        return _attended(p, self.read(context, p))

    def formula(self, p: PromptParameters) -> Formula:
        """Attention of places to words, and its mean."""
        weights = Symbol("weights", "A", "how much each place looks at each word")
        places = Symbol("places", "Q", "what each place of the picture asks")
        keys = Symbol("keys", "K", "what each word has to offer")
        shown = Symbol("map", sub("m", "w"), "what is shown of a word w, from 0 to 1")
        mean, low, high = sub("a", "w"), row("min", sub("a", "w")), row("max", sub("a", "w"))
        return Formula(
            Line(weights, "=", "softmax", "(", fraction(row(places, sup(keys, "⊤")), root("d")),
                 ")", at="step"),
            Line(mean, "=", "mean of", sub("A", "w"), at="step"),
            Line(shown, "=", fraction(row(mean, "−", low), row(high, "−", low)), at="step"),
            source="Mean over all blocks and heads, of places 8×8 drawn out to 16×16; d numbers a "
            "head. Vaswani et al., Attention Is All You Need, 2017, equation 1.",
        )  # fmt: skip

    def listings(self, p: PromptParameters) -> Sequence[Listing]:
        """The weights, and what is made of them."""
        return (
            Listing(Attending.weights, {"step": ("keys", "return")}),
            Listing(LatentDiffusionSampler._attention, {"step": ("mean =", "return (large")}),
        )


def _attended(
    p: PromptParameters,
    words: Reading,
    view: View | None = None,
    progress: Progress | None = None,
) -> Scene:
    """The picture so far, and where it attends to each word that says what to see."""
    heard = tokenizer().encode(p.prompt).words
    maps = view.extras.get("attention", [None] * len(heard)) if view else [None] * len(heard)
    pairs = zip(heard, maps, strict=True)
    details = [Detail(word, heat) for word, heat in pairs if worlds_of(word)][:MOST]
    step = progress.step if progress else 0
    lens = Lens(
        view.images[0] if view else None, "The decoded picture", details, True,
        name="map weights places keys", grow=17, result=True, lit=step > 0,
    )  # fmt: skip
    root_ = Column((Words(words, name="keys"), lens, Film(grow=3)))
    if view is None or progress is None or not step:
        text = f"A picture, and a place for where it attends to each of {len(details)} words."
        return Scene(root_, text)
    told = " ".join(_where(detail) for detail in details)
    text = f"Step {step} of {progress.total}. The picture so far, and its attention. {told}"
    return Scene(root_, text, "step", {"keys": f"{len(heard)} words", "places": "8 × 8"})


def _where(detail: Detail) -> str:
    """In which part of the picture a word acts most."""
    assert detail.heat is not None
    height, width = detail.heat.shape
    y, x = divmod(int(detail.heat.argmax()), width)
    down = ("top", "middle", "bottom")[3 * y // height]
    across = ("left", "centre", "right")[3 * x // width]
    return f"“{detail.word}” acts most at the {down} {across}."

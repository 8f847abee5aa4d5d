"""Slide 7: where words act on the picture."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Column,
    Detail,
    Film,
    Formula,
    Lens,
    Line,
    Listing,
    Scene,
    Symbol,
    Words,
    fraction,
    root,
    row,
    sub,
    sup,
)
from app.demos.latent.prompt import PromptParameters, requested
from app.demos.prompts.reading import Reading
from app.engine import Progress
from models.data.captions.subjects import worlds_of
from models.data.captions.tokenizer import tokenizer
from models.parts.transformer import Attention as Attending
from models.procedures.latent_diffusion import LatentDiffusionSampler
from models.runtime.sampler import View

MOST = 8
"""Words whose attention is shown."""


class Attention(Demo[PromptParameters]):
    """Which places of the picture attend to each word."""

    name, slide, order, family = "attention", 7, 3, "latent"
    models = ("latent-diffusion", "autoencoder", "clip")
    parameters = PromptParameters

    def frames(self, context: Context, p: PromptParameters) -> AsyncGenerator[Frame, None]:
        """Cross-attention maps of the words over the picture."""
        words = self.read(context, p)
        return follow(
            context, "latent-diffusion.sample", requested(context, p, True),
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

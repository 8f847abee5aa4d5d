"""Slide 3: where image tokens come from, and how a codebook collapses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.context import Context
from app.deck.gallery import faces
from app.demos.autoregressive import codes
from app.demos.autoregressive.codes import NAMES
from app.demos.demo import Demo, Frame, follow, side_by_side, waiting
from app.demos.kit import Formula, Line, Listing, Scene, Symbol, row, sub
from app.demos.parameters import Parameters, face, select, slider_of
from models.data.gallery import COUNT
from models.families.vq_vae import (
    Quantizer,
    SimQuantizer,
    moved_averages,
    nearest,
    perplexity,
    straight_through,
)
from models.procedures.vq_vae import ReplacementParameters

ALL = "all"

TOKEN = Symbol("token", "k", "number of the nearest code: the token")
OUTPUT = Symbol("output", "z", "what the encoder puts out at a place")
CODE = Symbol("code", sub("e", "j"), "the codes, 512 of 16 numbers each")
STRAIGHT = Symbol("straight", "ẑ", "what the decoder reads")


ONE = (f"look={'|'.join(NAMES)}", "Side by side, no token is replaced.")


class CodebookParameters(Parameters):
    """Which codebook to look at, or all; the face, and which of its tokens to replace."""

    look: str = select(ALL, {ALL: "side by side", **NAMES}, "Codebook", "timeline")
    image: int = face(40)
    place: int = slider_of(ReplacementParameters, "place", "Token", default=28, only=ONE)
    code: int = slider_of(ReplacementParameters, "code", "New code", default=392, only=ONE)


class Codebook(Demo[CodebookParameters]):
    """Three codebooks, and what a token says."""

    name, slide, order, family = "codebook", 3, 6, "autoregressive"
    models = tuple(f"codebook-{name}" for name in NAMES)
    parameters = CodebookParameters
    seeded = False
    foremost = "image"

    def frames(self, context: Context, p: CodebookParameters) -> AsyncGenerator[Frame, None]:
        """The gallery read by all codebooks, or one token replaced in one of them."""
        return self._all(context, p) if p.look == ALL else self._one(context, p)

    async def _all(self, context: Context, p: CodebookParameters) -> AsyncGenerator[Frame, None]:
        order = [p.image, *(i for i in range(COUNT) if i != p.image)]
        images, outline = faces(order), self.outline(context, p)
        plays = [
            (name, context.request(name, seed=p.seed, images=images))
            for name in (f"{model}.reconstruct" for model in self.models)
        ]
        async with aclosing(side_by_side(context, plays)) as all_:
            async for now in all_:
                queued = next((progress for progress in now if progress.waits), None)
                if queued is not None:
                    yield waiting(queued, outline=outline)
                    continue
                views = dict(zip(NAMES, (progress.view for progress in now), strict=True))
                scene = await asyncio.to_thread(codes.beside, views, p.place)
                read = min(view.extras["read"] for view in views.values())
                step, seconds = min(f.step for f in now), max(f.seconds for f in now)
                yield Frame(
                    f"{read} faces read by three codebooks.", step, now[0].total, seconds,
                    all(f.done for f in now), scene=scene,
                )  # fmt: skip

    def _one(self, context: Context, p: CodebookParameters) -> AsyncGenerator[Frame, None]:
        procedure = f"codebook-{p.look}.replace"
        request = context.request(
            procedure, seed=p.seed, images=faces([p.image]), place=p.place, code=p.code
        )
        notes = ("A real face.", "Read as 64 tokens.", f"Rebuilt with code {p.code} in one place.")
        return follow(
            context, procedure, request,
            lambda view, f: codes.within(p.look, p.place, p.code, view), lambda f: notes[f.step],
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: CodebookParameters) -> Scene:
        """Grids without numbers."""
        if p.look == ALL:
            return codes.beside(dict.fromkeys(NAMES), p.place)
        return codes.within(p.look, p.place, p.code)

    def formula(self, p: CodebookParameters) -> Formula:
        """The nearest code, the gradient around the choice, and how the codes learn."""
        far = row("‖", OUTPUT, "−", CODE, "‖")
        chosen = sub("e", "k")
        lines = [
            Line(TOKEN, "=", "argmin", far, at="read"),
            Line(STRAIGHT, "=", OUTPUT, "+", "sg", "(", chosen, "−", OUTPUT, ")", at="read"),
        ]
        if p.look == ALL:
            uses = [Symbol(f"P_{n}", sub("P", n), f"perplexity of {t}") for n, t in NAMES.items()]
            lines.append(Line(uses[0], ",", uses[1], ",", uses[2], "=", "exp", "H", at="read"))
        return Formula(*lines, *_learning(p.look), source=_source(p.look))

    def listings(self, p: CodebookParameters) -> Sequence[Listing]:
        """The choice, the gradient, the losses and updates, the perplexity."""
        how = {
            "plain": Listing(Quantizer.loss),
            "ema": Listing(moved_averages),
            "simvq": Listing(SimQuantizer.codebook),
        }
        return (
            Listing(nearest, {"read": ("return",)}),
            Listing(straight_through, {"read": ("return",)}),
            *(listing for name, listing in how.items() if p.look in (ALL, name)),
            *([Listing(perplexity, {"read": ("shares =", "return")})] if p.look == ALL else []),
        )


def _learning(look: str) -> list[Line]:
    """How codes learn, of one codebook or of all."""
    lines = []
    if look in (ALL, "plain", "simvq"):
        drawn = row("‖", "sg", "(", "z", ")", "−", sub("e", "k"), "‖²")
        held = row("β", "‖", "z", "−", "sg", "(", sub("e", "k"), ")", "‖²")
        lines += [Line("L", "=", drawn), Line("+", held)]
    if look in (ALL, "ema"):
        rest = row("(", "1", "−", "γ", ")")
        lines += [
            Line("N", "←", "γ", "N", "+", rest, "n"),
            Line("m", "←", "γ", "m", "+", rest, "∑", "z", ",", sub("e", "j"), "=", "m", "/", "N"),
        ]
    if look in (ALL, "simvq"):
        lines.append(Line(sub("e", "j"), "=", "W", sub("c", "j")))
    return lines


def _source(look: str) -> str:
    """What the lines leave unsaid, and the papers."""
    said = {
        "plain": "Plain: L, added to the picture's error, moves only codes that are chosen.",
        "ema": "Moving averages: n outputs z chose the code in a step; an unused code starts anew.",
        "simvq": "SimVQ: W learns by L, the random c stay, so that all codes move.",
    }
    shown = [text for name, text in said.items() if look in (ALL, name)]
    if look == ALL:
        shown.append("H is the entropy of how often codes are used.")
    papers = "van den Oord et al., Neural Discrete Representation Learning, 2017"
    if look in (ALL, "simvq"):
        papers += "; Zhu et al., SimVQ, 2024"
    return " ".join(("sg lets no gradient pass.", *shown, f"{papers}."))

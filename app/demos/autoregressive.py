"""Slide 3, second half: the autoregressive transformer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Board,
    Column,
    Formula,
    Line,
    Listing,
    Look,
    Machine,
    Part,
    Picture,
    Row,
    Scene,
    Symbol,
    Tile,
    Tiles,
    Words,
    fraction,
    row,
    sub,
)
from app.demos.parameters import Parameters, dataset, face, prompt, slider_of
from app.demos.reading import Reading
from app.demos.suggestions import FACE
from app.engine import Progress
from models.families.autoregressive import TokenGPT, guide, token_probabilities
from models.families.patch_autoregressive import GRID as PATCH_GRID
from models.families.patch_autoregressive import PATCHES, SIDE, PatchGPT, write_patch
from models.parts.tokenizer import CODES, GRID, TOKENS
from models.parts.transformer import look_probabilities
from models.procedures.autoregressive import CANDIDATES, SampleParameters
from models.runtime.randomness import pick
from models.runtime.sampler import View

LINES = 6
"""How many of the tokens that are looked at most have a line."""
ENDINGS = 4

TOKEN = Symbol("token", sub("s", "i"), "the token written last")
CHANCE = Symbol("chance", sub("p", "i"), "its probability")
LOGITS = Symbol("logits", "ℓ", f"a number for each of {CODES:,} tokens")
CAPTION = Symbol("caption", "c", "the prompt")
TEMPERATURE = Symbol("temperature", "T", "temperature")
LOOKS = Symbol("looks", "a", "where it looks: shares that add up to 1")
BEFORE = row(sub("s", "1"), "…", sub("s", row("i", "−", "1")))


class TokensParameters(Parameters):
    """What to write. Clothes are written pixel by pixel, without a prompt."""

    dataset: str = dataset()
    prompt: str = prompt(FACE)
    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=0.9, high=1.5, step=0.1
    )
    guidance_scale: float = slider_of(
        SampleParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


class Tokens(Demo[TokensParameters]):
    """One token after the other."""

    name, slide, order, title, family = "tokens", 3, 4, "Token by token", "autoregressive"
    hint = "Written like a text, from the top left: lines lead to the tokens it looked at most."
    models = ("autoregressive", "tokenizer", "fashion-autoregressive")
    parameters = TokensParameters

    def frames(self, context: Context, p: TokensParameters) -> AsyncGenerator[Frame, None]:
        """Sixty-four tokens or 49 patches, some of them as frames."""
        procedure = f"{self.drawn_by(context, p)}.sample"
        if p.dataset == "fashion":
            return self._pixels(context, procedure, p)
        words = self.read(context, p)
        request = context.request(
            procedure,
            seed=p.seed,
            prompt=p.prompt,
            temperature=p.temperature,
            guidance_scale=p.guidance_scale,
            explain=True,
        )
        return follow(
            context, procedure, request, lambda view, f: _written(p, words, view),
            lambda f: words.after(
                f"{f.step} of {f.total} image tokens written, one network call each."
            ),
            outline=_written(p, words),
        )  # fmt: skip

    def _pixels(
        self, context: Context, procedure: str, p: TokensParameters
    ) -> AsyncGenerator[Frame, None]:
        request = context.request(procedure, n=5, seed=p.seed, temperature=p.temperature)

        def note(progress: Progress) -> str:
            pixels = progress.view.images[0, 0].numel()
            drawn = pixels * progress.step // progress.total
            return f"{drawn} of {pixels} pixels drawn, each from its 256 possible levels."

        return follow(
            context, procedure, request, lambda view, f: _dotted(view, f.step, f.total), note,
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: TokensParameters) -> Scene:
        """An empty board, and nothing to choose from."""
        return _dotted() if p.dataset == "fashion" else _written(p, self.read(context, p))

    def formula(self, p: TokensParameters) -> Formula:
        """The next token's distribution, guidance, and where the reader looks."""
        if p.dataset == "fashion":
            return _pixel_formula()
        given = row(",", CAPTION) if p.prompt.strip() else row()
        lines = [Line(LOGITS, "=", "Transformer", "(", BEFORE, given, ")", at="write")]
        if p.prompt.strip() and p.guidance_scale != 1:
            plain = Symbol("plain", sub("ℓ", "∅"), "logits without the caption")
            scale = Symbol("scale", "w", "guidance")
            lines.append(
                Line(LOGITS, "←", plain, "+", scale, "(", LOGITS, "−", plain, ")", at="write")
            )
        return Formula(*lines, *_drawing_lines(), source=SOURCE)

    def listings(self, p: TokensParameters) -> Sequence[Listing]:
        """Reading on, guidance, the distribution, the draw, attention."""
        if p.dataset == "fashion":
            return (
                Listing(write_patch, {"write": ("logits =", "patches[")}),
                Listing(PatchGPT.read_on, {"write": ("h = self.blocks", "out: Tensor")}),
            )
        guided = Listing(guide, {"write": ("with_caption", "return torch.lerp")})
        return (*_listed()[:1], guided, *_listed()[1:])


SOURCE = (
    "Attention is averaged over all layers and heads. Ramesh et al., Zero-Shot Text-to-Image "
    "Generation (DALL-E), 2021; Vaswani et al., Attention Is All You Need, 2017, equation 1."
)


def _drawing_lines() -> list[Line]:
    """From logits to a token; attention, by which the transformer reads."""
    root = row("√", "d")
    return [
        Line(CHANCE, "=", "softmax", "(", LOGITS, "/", TEMPERATURE, ")", at="write"),
        Line(TOKEN, "∼", sub("p", "i"), at="write"),
        Line(LOOKS, "=", "softmax", "(", fraction(row("q", "·", "k"), root), ")", at="write"),
    ]


def _listed() -> tuple[Listing, ...]:
    """What writes a token of a face."""
    return (
        Listing(TokenGPT.read_on, {"write": ("return",)}),
        Listing(token_probabilities, {"write": ("return (logits",)}),
        Listing(pick, {"write": ("return",)}),
        Listing(look_probabilities, {"write": ("scores =", "return")}),
    )


def _pixel_formula() -> Formula:
    """Of clothes: every pixel from its 256 levels."""
    pixel = Symbol("pixel", sub("x", "i"), "the pixel written last, 0 … 255")
    logits = Symbol("logits", "ℓ", "a number for each of 256 levels")
    return Formula(
        Line(logits, "=", "Network", "(", sub("x", "1"), "…", sub("x", row("i", "−", "1")), ")",
             at="write"),
        Line(sub("p", "i"), "=", "softmax", "(", logits, "/", TEMPERATURE, ")", at="write"),
        Line(pixel, "∼", sub("p", "i"), at="write"),
        source="Two networks share the work, one over patches, one over their pixels. Yu et al., "
        "MEGABYTE, 2023.",
    )  # fmt: skip


def _board(view: View | None, label: str, **more: Any) -> Board:
    """The first image, the cell that was written last, and what it looked at."""
    if view is None:
        return Board(None, "An empty board", label, **more)
    place = view.extras["position"]
    return Board(
        view.images[0], "The image so far", label, here=place - 1 if place else None,
        looks=_looks(view.extras), **more,
    )  # fmt: skip


def _looks(extras: Mapping[str, Any]) -> list[Look]:
    """To the tokens that were looked at most."""
    if "looks_tokens" not in extras:
        return []
    looks = extras["looks_tokens"]
    top = looks.topk(min(LINES, len(looks)))
    most = float(top.values[0])
    pairs = zip(top.indices.tolist(), top.values.tolist(), strict=True)
    return [Look(cell, weight / most) for cell, weight in pairs]


def _candidates(extras: Mapping[str, Any], **more: Any) -> Tiles:
    """What the last token was drawn from."""
    label, alt = f"likeliest of {CODES:,} tokens", "What the last token could have been"
    if "candidates" not in extras:
        return Tiles([Tile()] * CANDIDATES, alt, label, name="chance logits temperature", **more)
    drawn = int(extras["tokens"][0, extras["position"] - 1])
    rows = zip(
        extras["candidates"], extras["probabilities"], extras["candidate_patches"], strict=True
    )
    tiles = [Tile(patch, _percent(chance), index == drawn) for index, chance, patch in rows]
    note = "" if drawn in extras["candidates"] else f"drawn: another, {_percent(extras['chance'])}"
    return Tiles(tiles, alt, label, note, name="chance logits temperature", **more)


def _percent(share: float) -> str:
    """With a digit more where it is small."""
    if share < 0.001:
        return "< 0.1%"
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _told(extras: Mapping[str, Any]) -> str:
    place = extras.get("position", 0)
    if "chance" not in extras:
        return "An empty board, a transformer, and places for the tokens that it may write."
    told = f"{place} of {TOKENS} tokens are written."
    told += f" The last one had a chance of {_percent(extras['chance'])}."
    if "looks_words" in extras:
        told += f" Before it, {extras['looks_words']:.0%} of the attention were on the words."
    return told


def _numbers(extras: Mapping[str, Any], temperature: float, scale: float = 1.0) -> dict[str, str]:
    """Of the token that was written last."""
    numbers = {"temperature": f"{temperature:g}", "scale": f"{scale:g}"}
    if "chance" in extras:
        drawn = int(extras["tokens"][0, extras["position"] - 1])
        numbers |= {"token": f"{drawn}", "chance": _percent(extras["chance"])}
    if "looks_words" in extras:
        numbers["looks"] = f"{extras['looks_words']:.0%} words"
    return numbers


def _written(p: TokensParameters, words: Reading, view: View | None = None) -> Scene:
    """The board, the transformer that reads it, and what it may write next."""
    extras: Mapping[str, Any] = view.extras if view else {}
    place = extras.get("position", 0)
    label = f"{place} of {TOKENS} tokens"
    machine = Row(
        (
            _board(view, label, cells=GRID, name="token looks", grow=16, result=True),
            Machine("network", "Transformer", name="logits plain scale looks", lit=bool(place)),
            _candidates(extras, grow=11),
        )
    )
    root = Column((Words(words, name="scale"), machine))
    numbers = _numbers(extras, p.temperature, p.guidance_scale)
    return Scene(root, _told(extras), "write" if place else "", numbers)


def _dotted(view: View | None = None, step: int = 0, total: int = PATCHES) -> Scene:
    """A photo that is written, and four more at the same patch."""
    here = step - 1 if step else None
    image = None if view is None else view.images[0]
    label = f"{step} of {total} patches, pixel by pixel"
    more = None if view is None else view.images[1:]
    root: Part = Row(
        (
            Board(image, "The photo so far", label, PATCH_GRID, here, name="pixel", grow=16,
                  result=True),
            Machine("network", "Transformer", name="logits", lit=bool(step)),
            Picture(more, "Four more photos", "four more", count=4, side=SIDE, grow=13),
        )
    )  # fmt: skip
    told = f"{step} of {total} patches of 16 pixels are written, in five photos at once."
    return Scene(root, told, "write" if step else "")


class CompleteParameters(Parameters):
    """Which face to complete."""

    image: int = face(23)
    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=0.9, high=1.5, step=0.1
    )


class Complete(Demo[CompleteParameters]):
    """Finish a real face."""

    name, slide, order, title, family = "complete", 3, 5, "Finish the face", "autoregressive"
    hint = "Four endings for one beginning: the model knows many plausible mouths."
    models = ("autoregressive", "tokenizer")
    parameters = CompleteParameters
    foremost = "image"

    def frames(self, context: Context, p: CompleteParameters) -> AsyncGenerator[Frame, None]:
        """The upper half is given, the lower written four times."""
        images = faces([p.image] * ENDINGS)
        request = context.request(
            "autoregressive.complete", seed=p.seed, images=images, temperature=p.temperature,
            explain=True,
        )  # fmt: skip
        return follow(
            context, "autoregressive.complete", request, lambda view, f: _completed(p, view, f),
            lambda f: f"{f.step} of {f.total} tokens of the lower half written, four times.",
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: CompleteParameters) -> Scene:
        """The real face beside empty boards."""
        return _completed(p)

    def formula(self, p: CompleteParameters) -> Formula:
        """As for writing, from the real face's first half on."""
        half = TOKENS // 2
        given = row(sub("s", "1"), "…", sub("s", str(half)))
        return Formula(
            Line(given, "=", "Tokenizer", "(", Symbol("x", "x", "the real face"), ")", at="begin"),
            Line(LOGITS, "=", "Transformer", "(", BEFORE, ")", at="write"),
            *_drawing_lines(),
            source=f"Numbers of ending 1. {SOURCE}",
        )

    def listings(self, p: CompleteParameters) -> Sequence[Listing]:
        """Reading on, the distribution, the draw, attention."""
        return _listed()


def _completed(
    p: CompleteParameters, view: View | None = None, progress: Progress | None = None
) -> Scene:
    """Four boards from one beginning; how the first one's token came about."""
    step = progress.step if progress else 0
    extras: Mapping[str, Any] = view.extras if view else {}
    boards: list[Board] = [_board(view, "ending 1", cells=GRID, name="token looks", result=True)]
    for i in range(1, ENDINGS):
        image = None if view is None else view.images[i]
        label = f"ending {i + 1}"
        boards.append(Board(image, label, label, GRID, boards[0].here, name="token", result=True))
    rows = [Row(boards[i : i + 2], stays=True, result=True) for i in (0, 2)]
    original = Picture(
        faces([p.image]), "The real face", "real: the upper half is given", name="x", grow=7
    )
    machine = Row(
        (
            Column(rows, grow=16, result=True),
            Machine("network", "Transformer", name="logits looks", lit=step > 0),
            Column((original, _candidates(extras, grow=12)), grow=9),
        )
    )
    at = "" if view is None else "write" if step else "begin"
    told = _told(extras) if step else "A real face, and four boards that begin with its upper half."
    return Scene(machine, told, at, _numbers(extras, p.temperature))

"""How a token is written: the board, what it looked at, and what it was drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.demos.kit import Board, Listing, Look, Tile, Tiles
from models.families.autoregressive import TokenGPT, token_probabilities
from models.parts.tokenizer import CODES, TOKENS
from models.parts.transformer import look_probabilities
from models.procedures.autoregressive import CANDIDATES
from models.runtime.randomness import pick
from models.runtime.sampler import View

LINES = 6
"""How many of the tokens that are looked at most have a line."""


def board(view: View | None, label: str, **more: Any) -> Board:
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


def candidates(extras: Mapping[str, Any], **more: Any) -> Tiles:
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


def told(extras: Mapping[str, Any]) -> str:
    """How far it is, in sentences."""
    place = extras.get("position", 0)
    if "chance" not in extras:
        return "An empty board, a transformer, and places for the tokens that it may write."
    said = f"{place} of {TOKENS} tokens are written."
    said += f" The last one had a chance of {_percent(extras['chance'])}."
    if "looks_words" in extras:
        said += f" Before it, {extras['looks_words']:.0%} of the attention were on the words."
    return said


def numbers(extras: Mapping[str, Any], temperature: float, scale: float = 1.0) -> dict[str, str]:
    """Of the token that was written last."""
    values = {"temperature": f"{temperature:g}", "scale": f"{scale:g}"}
    if "chance" in extras:
        drawn = int(extras["tokens"][0, extras["position"] - 1])
        values |= {"token": f"{drawn}", "chance": _percent(extras["chance"])}
    if "looks_words" in extras:
        values["looks"] = f"{extras['looks_words']:.0%} words"
    return values


def listings() -> tuple[Listing, ...]:
    """What writes a token of a face."""
    return (
        Listing(TokenGPT.read_on, {"write": ("return",)}),
        Listing(token_probabilities, {"write": ("return (logits",)}),
        Listing(pick, {"write": ("return",)}),
        Listing(look_probabilities, {"write": ("scores =", "return")}),
    )

"""Scenes of codebooks: three side by side, and one in which a token is replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from app.demos.kit import Cells, Column, Part, Picture, Row, Scene
from models.families.vq_vae import CODES, GRID, TOKENS, perplexity, usage
from models.procedures.vq_vae import CELL, TYPICAL
from models.runtime.sampler import View

NAMES = {"plain": "plain VQ", "ema": "moving averages", "simvq": "SimVQ"}
COLUMNS = 23
"""Codes in a row of the map, which so is nearly square."""
OFTEN = (1, 8, 64)
"""How often a code is used to be drawn more strongly; the gallery's tokens are 32 for each."""
CLEARER = 2
"""How many times larger a difference is drawn."""


def beside(views: Mapping[str, View | None], place: int) -> Scene:
    """One face in the codes of every codebook, and how much of it the gallery uses.

    Args:
        views: of reading the gallery, the face first, by codebook.
        place: the token that is framed.
    """
    root = Row([_column(name, view, place) for name, view in views.items()], grow=5)
    known = {name: view.extras for name, view in views.items() if view and view.extras["read"]}
    spread = {
        f"P_{name}": f"{perplexity(usage(extras['tokens'])):.0f}" for name, extras in known.items()
    }
    return Scene(root, _compared(known), "read" if known else "", spread)


def _column(name: str, view: View | None, place: int) -> Part:
    """A codebook: the face's numbers, the face as it is rebuilt from them, and the map."""
    extras = view.extras if view and view.extras["read"] else {}
    face = view.images[:1] if view and extras else None
    tokens = extras["tokens"][0] if extras else None
    title = NAMES[name]
    off = f"{float(extras['rmse'][0]):.0f}" if extras else "…"
    counts = usage(extras["tokens"]) if extras else None
    used, spread = ("…", "…") if counts is None else (_used(counts), f"{perplexity(counts):.0f}")
    grid = numbers(tokens, face, title, place, name="token straight", grow=16, also={"look": name})
    rebuilt = Picture(
        face, f"Rebuilt by {title}", f"rebuilt, off by {off} of 255", name="straight", result=True
    )
    chart = Cells(
        f"Codes of {title} in use", f"{used} of {CODES} used\nperplexity {spread}", CODES,
        COLUMNS, levels=levels(counts),
        name=f"code P_{name}", lit=bool(extras), grow=5,
    )  # fmt: skip
    return Column((grid, Row((rebuilt, chart), stays=True, grow=10, result=True)), result=True)


def numbers(
    tokens: Tensor | None, face: Tensor | None, title: str, place: int, **more: Any
) -> Cells:
    """A face as its codes' numbers; those equal to the framed one are framed, too.

    Args:
        tokens: int64 [64], or ``None``.
        face: [1, 3, 64, 64], behind the numbers.
        place: the token that is framed.
    """
    texts = [] if tokens is None else list(map(str, tokens.tolist()))
    same = [i for i, text in enumerate(texts) if text == texts[place]]
    distinct = len(set(texts)) if texts else "…"
    return Cells(
        f"Tokens of {title}", f"{title}: {distinct} codes", TOKENS, GRID,
        None if face is None else face[0], texts, here=place,
        alike=[i for i in same if i != place], sets="place", **more,
    )  # fmt: skip


def levels(counts: Tensor | None) -> Sequence[int]:
    """How strongly each code is drawn, 0 … 3, for how often it is used, [K]."""
    if counts is None:
        return ()
    return torch.bucketize(counts, torch.tensor(OFTEN), right=True).tolist()


def _used(counts: Tensor) -> int:
    return int((counts > 0).sum())


def _compared(known: Mapping[str, Mapping[str, Any]]) -> str:
    if not known:
        return "Three codebooks: for each, places for a face's numbers and for the codes in use."
    told = []
    for name, extras in known.items():
        counts, off = usage(extras["tokens"]), float(extras["rmse"][0])
        told.append(
            f"{NAMES[name]}: {_used(counts)} of {CODES} codes used, perplexity "
            f"{perplexity(counts):.0f}, the face off by {off:.1f} of 255 levels."
        )
    read = min(extras["read"] for extras in known.values())
    return f"{read} faces are read. {' '.join(told)}"


def within(name: str, place: int, code: int, view: View | None = None) -> Scene:
    """A face with one token replaced, and what both codes stand for elsewhere.

    Args:
        name: of the codebook.
        place: of the token.
        code: put in its place.
        view: of the replacement.
    """
    extras = view.extras if view else {}
    tokens: Tensor | None = extras["tokens"][0] if "tokens" in extras else None
    before: Tensor | None = extras.get("rebuilt")
    after = None if before is None or view is None else view.images
    now = None if tokens is None else int(tokens[place])
    grid = numbers(tokens, before, NAMES[name], place, name="token", grow=10)
    patches = [_patches(extras, i, number) for i, number in enumerate((now, code))]
    chart = Cells(
        f"Codes of {NAMES[name]}", "tap a code", CODES, COLUMNS,
        levels=levels(extras.get("counts")), here=now, other=code, sets="code", name="code",
        grow=5,
    )  # fmt: skip
    below = Row((_changed(place, code, before, after), chart), grow=10)
    root = Row((grid, Column((*patches, below), grow=15)))
    known = {} if now is None else {"token": str(now)}
    told = _replaced(extras, place, code, before, after)
    return Scene(root, told, "" if now is None else "read", known)


def _changed(place: int, code: int, before: Tensor | None, after: Tensor | None) -> Row:
    """The face with and without the other code, each [1, 3, 64, 64], and how they differ."""
    off = None
    if before is not None and after is not None:
        off = (CLEARER * (after - before) / 2).clamp(-1, 1)
    face = None if after is None else after[0]
    pictures = (
        Picture(before, "The face rebuilt", "rebuilt", name="straight"),
        Cells(
            "The face with the other code", f"with {code}", TOKENS, GRID, face, other=place,
            result=True,
        ),
        Picture(off, "What changes", f"change, ×{CLEARER}"),
    )  # fmt: skip
    return Row(pictures, stays=True, grow=15)


def _patches(extras: Mapping[str, Any], which: int, number: int | None) -> Picture:
    """The gallery's most typical patches of a code, in their surroundings."""
    role = ("here", "new")[which]
    images, label = None, f"… ({role}): nearest for … of 16,384 patches"
    if "patches" in extras:
        images, uses = _edged(extras["patches"][0, which]), int(extras["uses"][0, which])
        label = f"{number} ({role}): nearest for {uses:,} of 16,384 patches"
    side = 3 * CELL
    return Picture(images, label, label, TYPICAL, TYPICAL, side, name="code", grow=8, gap=0)


def _edged(images: Tensor) -> Tensor:
    """Images with a gray edge, which parts them on light and on dark paper, [n, 3, H, W]."""
    inside = images[..., 1:-1, 1:-1]
    return F.pad(inside, (1, 1, 1, 1))


def _replaced(
    extras: Mapping[str, Any], place: int, code: int, before: Tensor | None, after: Tensor | None
) -> str:
    row, column = divmod(place, GRID)
    where = f"row {row + 1}, column {column + 1}"
    if before is None or after is None:
        return f"A face as numbers, and places for it with code {code} at {where}."
    old, uses = int(extras["codes"][0, 0]), extras["uses"][0].tolist()
    told = (
        f"The token at {where} is code {old}, the nearest for {uses[0]:,} of the gallery's 16,384 "
        f"patches; code {code} for {uses[1]:,}."
    )
    if old == code:
        return f"{told} It is the same code: nothing changes."
    share = near((after - before)[0], place)
    return f"{told} {share:.0%} of the change lies in that cell and those around it."


def near(off: Tensor, place: int) -> float:
    """How much of the squares of a difference [3, 64, 64] lies in a cell and the eight around."""
    y, x = (i * CELL for i in divmod(place, GRID))
    squares = off.square()
    part = squares[:, max(0, y - CELL) : y + 2 * CELL, max(0, x - CELL) : x + 2 * CELL]
    return float(part.sum() / squares.sum().clamp(min=1e-9))

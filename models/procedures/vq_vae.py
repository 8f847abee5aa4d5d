"""What a codebook does for a request: read pictures in tokens, and replace one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import torch
from annotated_types import Interval
from torch import Tensor

from models.data.gallery import gallery
from models.families.vq_vae import CODES, GRID, TOKENS, VQVAE, usage
from models.parts.losses import rmse
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Parameters
from models.runtime.precision import fast
from models.runtime.sampler import Input, Request, Sampler, State, View, deal, per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint

SHAPE = (3, 64, 64)
CELL = 64 // GRID
"""Pixels of a token's side."""
PART = 32
"""Pictures that are read in a step."""
TYPICAL = 6
"""Patches that are shown of a code."""
AROUND = CELL
"""Pixels around a patch, to see where in a face it is."""
DIMMED = 0.4
"""What is left of the contrast around it."""


@dataclass
class Reading(State):
    """Pictures that are read a part at a time.

    Attributes:
        originals: [n, 3, 64, 64].
        tokens: of those that are read, int64 [read, 64].
        rebuilt: the same, [read, 3, 64, 64].
    """

    originals: Tensor
    tokens: Tensor
    rebuilt: Tensor

    @property
    def part(self) -> Tensor:
        """The originals of the next step."""
        return self.originals[PART * self.step : PART * (self.step + 1)]

    @property
    def rows(self) -> int:
        """Of a step."""
        return min(PART, self.n)


class CodebookReading(Sampler[Reading, Parameters]):
    """Given images as tokens, and rebuilt from these; some images a step."""

    takes = ("images",)

    def __init__(self, net: VQVAE) -> None:
        self.net = net

    @property
    def inputs(self) -> dict[str, Input]:
        """What is read."""
        return {"images": Input(SHAPE)}

    def start(self, request: Request[Parameters]) -> Reading:
        """Nothing is read yet."""
        images = self.given(request, "images")
        none = torch.empty(0, TOKENS, dtype=torch.int64)
        return Reading(request, 0, -(-request.n // PART), images, none, images[:0])

    def step(self, states: Sequence[Reading]) -> None:
        """Encode and decode the next part of every state."""
        parts = [state.part for state in states]
        _, tokens = self.net.encode(torch.cat(parts))
        rebuilt = fast(self.net.decode, tokens)
        counts = [len(part) for part in parts]
        for state, read, made in zip(
            states, tokens.split(counts), rebuilt.split(counts), strict=True
        ):
            state.tokens = torch.cat([state.tokens, read])
            state.rebuilt = torch.cat([state.rebuilt, made])
        deal(states)

    def preview(self, state: Reading) -> View:
        """The images rebuilt so far, blank where none is yet.

        Extras: ``read``, how many they are, and of these ``tokens`` [read, 64] and ``rmse`` [read].
        """
        read = len(state.tokens)
        blank = torch.zeros(state.n - read, *SHAPE)
        off = rmse(state.rebuilt, state.originals[:read])
        extras = {"read": read, "tokens": state.tokens, "rmse": off}
        return View(torch.cat([state.rebuilt, blank]), extras)


@dataclass(frozen=True)
class ReplacementParameters(Parameters):
    """Of another code in a picture.

    Attributes:
        place: whose token is replaced, counted row by row.
        code: by which.
    """

    place: Annotated[int, Interval(ge=0, le=TOKENS - 1)] = 0
    code: Annotated[int, Interval(ge=0, le=CODES - 1)] = 0


@dataclass
class Replacing(State):
    """Images one of whose tokens is replaced.

    Attributes:
        originals: [n, 3, 64, 64].
        tokens: int64 [n, 64].
        replaced: the same with the other code.
        images: decoded from the tokens and from those replaced, [n, 2, 3, 64, 64].
    """

    originals: Tensor
    tokens: Tensor | None = None
    replaced: Tensor | None = None
    images: Tensor | None = None

    @property
    def key(self) -> int:
        """Encoding and decoding are batched apart."""
        return self.step


class CodebookReplacement(Sampler[Replacing, ReplacementParameters]):
    """Given images, and the same with one token replaced; where else both codes stand."""

    parameters = ReplacementParameters
    takes = ("images",)
    max_n = 16

    def __init__(self, net: VQVAE) -> None:
        self.net = net

    @cached_property
    def known(self) -> tuple[Tensor, Tensor]:
        """What the encoder makes of every patch of the gallery, [256 · 64, d], and of how many of
        them each code is the nearest, int64 [K]."""
        with torch.inference_mode():
            read = [self.net.encode(images) for images in self._gallery.split(PART)]
            outputs = torch.cat([z.flatten(2).mT.flatten(0, 1) for z, _ in read])
            return outputs, usage(
                torch.cat([tokens for _, tokens in read]), self.net.quantizer.size
            )

    @cached_property
    def _gallery(self) -> Tensor:
        return gallery().images.to(self.net.quantizer.codebook().device)

    def prepare(self, threads: int = 0) -> None:
        """Read the gallery."""
        _ = self.known

    @property
    def inputs(self) -> dict[str, Input]:
        """What is changed."""
        return {"images": Input(SHAPE)}

    def start(self, request: Request[ReplacementParameters]) -> Replacing:
        """Nothing is read yet."""
        return Replacing(request, 0, 2, self.given(request, "images"))

    def step(self, states: Sequence[Replacing]) -> None:
        """Encode, then decode with and without the other code."""
        if states[0].step == 0:
            _, tokens = self.net.encode(torch.cat([state.originals for state in states]))
            asked = [state.request.parameters for state in states]
            replaced = tokens.clone()
            rows = torch.arange(len(tokens))
            places = per_row(states, (p.place for p in asked), torch.int64)
            replaced[rows, places] = per_row(states, (p.code for p in asked), torch.int64)
            deal(states, tokens=tokens, replaced=replaced)
        else:
            read = [(s.tokens, s.replaced) for s in states]
            both = [torch.stack([a, b], 1) for a, b in read if a is not None and b is not None]
            images = fast(self.net.decode, torch.cat(both).flatten(0, 1))
            deal(states, images=images.unflatten(0, (-1, 2)))

    def preview(self, state: Replacing) -> View:
        """The images as they are rebuilt with the other code; blank before they are.

        Extras: ``originals``; from the first step on ``tokens`` [n, 64]; from the second
        ``rebuilt`` without that code, ``codes`` [n, 2], that of the place and the other,
        ``patches`` [n, 2, 6, 3, 24, 24], the gallery's most typical for each, dimmed around,
        ``uses`` [n, 2], of how many of all its patches each is the nearest, and ``counts`` [K],
        that of every code.
        """
        extras: dict[str, Any] = {"originals": state.originals}
        if state.tokens is None or state.replaced is None:
            return View(torch.zeros_like(state.originals), extras)
        extras["tokens"] = state.tokens
        if state.images is None:
            return View(torch.zeros_like(state.originals), extras)
        place = state.request.parameters.place
        codes = torch.stack([state.tokens[:, place], state.replaced[:, place]], 1)
        counts = self.known[1]
        extras |= {
            "rebuilt": state.images[:, 0],
            "codes": codes,
            "patches": self._typical(codes.flatten()).unflatten(0, codes.shape),
            "uses": counts[codes],
            "counts": counts,
        }
        return View(state.images[:, 1], extras)

    def _typical(self, codes: Tensor) -> Tensor:
        """The gallery's patches nearest to each code, [m] → [m, 6, 3, 24, 24]."""
        vectors = self.net.quantizer.codebook()[codes]
        found = torch.cdist(vectors, self.known[0]).topk(TYPICAL, largest=False).indices
        faces, places = found.flatten() // TOKENS, found.flatten() % TOKENS
        typical: Tensor = surrounded(self._gallery[faces], places).unflatten(0, found.shape)
        return typical


def surrounded(images: Tensor, places: Tensor) -> Tensor:
    """A token's patch of each image and, dimmed, what is around it; edges go on as they are.

    Args:
        images: [m, 3, 64, 64].
        places: of the tokens, int64 [m].

    Returns:
        [m, 3, 24, 24].
    """
    side = CELL + 2 * AROUND
    corners = CELL * torch.stack([places // GRID, places % GRID]) - AROUND
    rows, columns = (corners[..., None] + torch.arange(side)).clamp(0, images.shape[-1] - 1)
    each = torch.arange(len(images))[:, None, None]
    patches = images[each, :, rows[:, :, None], columns[:, None]].movedim(-1, 1)
    light = torch.full((side, side), DIMMED)
    light[AROUND : AROUND + CELL, AROUND : AROUND + CELL] = 1
    return patches * light


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained autoencoder and its codebook."""
    net = checkpoint.build(VQVAE)
    return Model(net, {action: kind(net) for action, kind in PROCEDURES.items()})


PROCEDURES: dict[str, type[Any]] = {
    "reconstruct": CodebookReading,
    "replace": CodebookReplacement,
}
ARCHITECTURE = Architecture("vq-vae", "tokenizer", load, PROCEDURES)

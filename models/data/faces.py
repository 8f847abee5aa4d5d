"""Captioned cartoon faces, composed from Personas by Draftbit (CC BY 4.0) and rendered on demand.

A face is a function of (seed, split, index) alone, so any machine renders the same data set:

    python -m models.data.faces --split train --count 50000 --size 64 runs/faces

The artwork and its licence are in ``personas_parts.json``. Changes to it: recoloured, cropped,
tilted, highlights softened, hats recolourable.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models.data.attributes import HATS, HEADS, SPLITS, Attributes, draw_attributes
from models.data.rendering import command
from models.data.splits import generator
from models.data.world import World

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20240
_OVERSAMPLE = 3

_VARIANTS = {
    "long hair": ("long", "extraLong"), "bob": ("bobCut", "bobBangs"),
    "side-swept hair": ("sideShave",), "short hair": ("shortCombover", "shortComboverChops"),
    "quiff": ("fade",), "mohawk": ("mohawk",), "top knot": ("bunUndercut",),
    "bun": ("straightBun", "curlyBun"), "pigtails": ("pigtails",), "afro": ("curly",),
    "curly hair": ("curlyHighTop",), "thinning hair": ("balding",), "bald head": ("bald",),
    "cap": ("cap",), "beanie": ("beanie",),
}  # fmt: skip
_BEARDS = {"beard": ("beardMustache",), "mustache": ("pyramid", "walrus"), "goatee": ("goatee",)}
_GARMENTS = {"shirt": ("rounded", "squared"), "checkered shirt": ("checkered",)}
_NOSES = ("mediumRound", "smallRound", "wrinkles")

_HAIR = {
    "black": "1d1a24", "brown": "6e4123", "blond": "f2cf62", "red": "cc4a1c", "gray": "a4abb3",
    "pink": "f07fb6", "blue": "3d7ee6", "green": "3aa65c",
}  # fmt: skip
_SKIN = {
    "light": ("fddcc2", "f4c29c"), "tan": ("e2a773", "d39560"), "brown": ("b57845", "a06438"),
    "dark": ("82502f", "683d24"),
}  # fmt: skip
_CLOTH = {
    "red": "d93636", "orange": "f28a1e", "yellow": "f7d038", "green": "35a04a", "blue": "2f62d9",
    "purple": "7f46c8", "pink": "f06aa8", "white": "f6f6f3", "black": "27272f",
}  # fmt: skip
_BACKGROUND = {
    "blue": "9fd8f7", "green": "aee6ae", "yellow": "fbee9a", "orange": "ffc98f", "pink": "ffbccd",
    "purple": "c9bbf6", "gray": "c9ced4", "white": "fdfdfd",
}  # fmt: skip


@dataclass(frozen=True)
class Face:
    """One face: what the caption tells (``attributes``) and the SVG that draws it."""

    attributes: Attributes
    svg: str


@cache
def _artwork() -> dict[str, dict[str, str]]:
    data = json.loads(Path(__file__).with_name("personas_parts.json").read_text(encoding="utf-8"))
    parts: dict[str, dict[str, str]] = data["parts"]
    # Strong highlights turn to speckle at 64 pixels, so they are softened once, here.
    for name in ("curly", "curlyHighTop"):
        parts["hair"][name] = parts["hair"][name].replace('opacity=".26"', 'opacity=".08"')
    beard = parts["facialHair"]["beardMustache"]
    parts["facialHair"]["beardMustache"] = beard.replace('opacity=".26"', 'opacity=".08"')
    cap = parts["hair"]["cap"]
    parts["hair"]["cap"] = cap[cap.index("/>") + 2 :]  # its first path shades the eyes
    parts["base"] = {"": data["base"].replace('opacity=".36"', 'opacity=".13"')}
    return parts


def _rgb(color: str) -> NDArray[np.float64]:
    return np.array([int(color[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float64)


def _hex(rgb: NDArray[np.float64], rng: np.random.Generator) -> str:
    jittered = np.clip(rgb * (1 + rng.normal(0, 0.03)) + rng.normal(0, 3.0, 3), 0, 255)
    return "#{:02x}{:02x}{:02x}".format(*jittered.round().astype(int).tolist())


def _part(rng: np.random.Generator, group: str, names: tuple[str, ...]) -> str:
    return _artwork()[group][names[int(rng.integers(len(names)))]]


def compose(split: str, index: int, seed: int = SEED) -> Face:
    """Compose face ``index`` of ``split``: deterministic in (seed, split, index).

    Raises:
        KeyError: unknown split.
        IndexError: index outside the split.
    """
    rng = generator(SPLITS, split, index, seed)
    a = draw_attributes(rng, split)
    return Face(a, _svg(a, rng))


def _svg(a: Attributes, rng: np.random.Generator) -> str:
    hair = _part(rng, "hair", _VARIANTS[a.hair])
    light, deep = map(_rgb, _SKIN[a.skin])
    skin = _hex(light + (deep - light) * rng.random(), rng)
    hair_color = _hex(_rgb(_HAIR.get(a.hair_color, "6e4123")), rng)
    cloth = _hex(_rgb(_CLOTH[a.cloth_color]), rng)
    if a.hair in HATS:
        hat = _hex(_rgb(_CLOTH[a.hat_color]), rng)
        hair = hair.replace("#F29C65", hat).replace("#E15C66", hat)
    slots = {
        "eyes": _artwork()["eyes"][a.eyes],
        "hair": hair,
        "body": _part(rng, "body", _GARMENTS[a.garment]),
        "mouth": _artwork()["mouth"][a.mouth],
        "nose": _part(rng, "nose", _NOSES),
        "facialHair": _part(rng, "facialHair", _BEARDS[a.facial_hair])
        if a.facial_hair in _BEARDS
        else "",
    }
    drawing = _artwork()["base"][""]
    for slot, svg in slots.items():
        drawing = drawing.replace(f"[[{slot}]]", svg)
    for key, color in (("@SKIN@", skin), ("@HAIR@", hair_color), ("@CLOTH@", cloth)):
        drawing = drawing.replace(key, color)
    tilt = float(np.clip(rng.normal(0, 3.5), -8, 8))
    zoom = rng.uniform(0.95, 1.07)
    dx, dy = rng.uniform(-1.2, 1.2), rng.uniform(-0.8, 0.8)
    background = _hex(_rgb(_BACKGROUND[a.background]), rng)
    move = f"translate({32 + dx:.3f} {60 + dy:.3f}) rotate({tilt:.3f}) scale({zoom:.4f})"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="4 4 56 56">'
        f'<rect x="0" y="0" width="64" height="64" fill="{background}"/>'
        f'<g transform="{move} translate(-32 -60)">{drawing}</g></svg>'
    )


def render(face: Face, size: int = 64) -> NDArray[np.uint8]:
    """Draw the face at ``size`` × ``size``: uint8 [size, size, 3], box-filtered from 3× as large.

    Raises:
        RuntimeError: the renderer ``resvg_py`` (extra ``train``) is not installed.
    """
    try:
        import resvg_py
    except ImportError as error:
        message = "rendering faces needs resvg_py: pip install -e '.[train]'"
        raise RuntimeError(message) from error
    large = size * _OVERSAMPLE
    png = resvg_py.svg_to_bytes(svg_string=face.svg, width=large, height=large)
    with Image.open(io.BytesIO(bytes(png)), formats=("PNG",)) as image:
        small = image.convert("RGB").resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.uint8)


FACES: World[Attributes, Face] = World(
    name="faces",
    heads=HEADS,
    splits=SPLITS,
    compose=compose,
    render=render,
    read=Attributes.from_indices,
)


def main() -> None:
    """Command line: render one split into a folder."""
    command(FACES, "python -m models.data.faces", __doc__)


if __name__ == "__main__":
    main()

"""From (seed, split, index) to a landscape: which layers there are, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.data.landscapes import ground as grounds
from models.data.landscapes import lands, settled, shores, sky, weather
from models.data.landscapes.attributes import (
    NONE,
    PRECIPITATION,
    SPLITS,
    Attributes,
    draw_attributes,
)
from models.data.landscapes.buildings import (
    boat,
    campfire,
    house,
    lighthouse,
    reflection,
    tent,
    windmill,
)
from models.data.landscapes.geometry import EXTENT, ellipse
from models.data.landscapes.light import Light, light_of, rgb
from models.data.landscapes.scene import Fill, Glow, Layer, Scene, Shape
from models.data.landscapes.vegetation import tree
from models.data.splits import generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.data.landscapes.ground import Foreground, Place

SEED = 20250
OFF_SHORE = 130
"""Depth of a boat between the sea and the beach."""
_Rng = np.random.Generator

_LANDS: dict[str, Callable[[_Rng, Attributes, Light, float], lands.Land]] = {
    "mountains": lands.mountains, "snowy mountains": lands.mountains, "hills": lands.hills,
    "desert": lands.desert, "forest": settled.forest, "city": settled.city, "sea": lands.sea,
}  # fmt: skip
_FORES: dict[str, Callable[[_Rng, Attributes, Light, float], Foreground]] = {
    "lake": shores.lake, "meadow": grounds.meadow, "snow": grounds.snow, "beach": shores.beach,
    "river": shores.river, "road": shores.road, NONE: grounds.bare,
}  # fmt: skip
_BUILDINGS: dict[str, Callable[[_Rng, Light], list[Shape]]] = {
    "house": house, "boat": boat, "tent": tent, "windmill": windmill, "lighthouse": lighthouse,
    "campfire": campfire,
}  # fmt: skip


def compose(split: str, index: int, seed: int = SEED) -> Scene:
    """Compose landscape ``index`` of ``split``: deterministic in (seed, split, index).

    Raises:
        KeyError: unknown split.
        IndexError: index outside the split.
    """
    rng = generator(SPLITS, split, index, seed)
    a = draw_attributes(rng, split)
    return Scene(a, _layers(a, rng))


def _layers(a: Attributes, rng: np.random.Generator) -> tuple[Layer, ...]:
    light = light_of(a, rng)
    horizon = EXTENT * (0.5 + 0.1 * rng.random())
    land = _LANDS[a.land](rng, a, light, horizon)
    fore = _foreground(rng, a, light, horizon)
    return (
        sky.backdrop(light, horizon),
        *_sky(rng, a, light, horizon, land),
        *land.layers,
        *_placed(a, fore, _object(rng, a, light, fore)),
        *_weather(rng, a, light, horizon),
    )


def _sky(
    rng: np.random.Generator, a: Attributes, light: Light, horizon: float, land: lands.Land
) -> list[Layer]:
    layers = [sky.stars(rng, light, land.skyline)] if a.sky == "stars" else []
    layers += sky.sun(rng, a, light, land.skyline)
    if a.sky == "rainbow":
        layers.append(sky.rainbow(rng, a, horizon))
    if a.sky == "clouds" or a.weather in PRECIPITATION:
        layers.append(sky.clouds(rng, a, light, horizon))
    if a.sky == "birds":
        layers.append(sky.birds(rng, light, land.skyline))
    if a.sky == "balloon":
        layers.append(sky.balloon(rng, light, land.skyline))
    return layers


def _foreground(
    rng: np.random.Generator, a: Attributes, light: Light, horizon: float
) -> Foreground:
    if a.land == "sea" and a.fore == NONE:
        return shores.open_sea(rng, a, light, horizon)
    return _FORES[a.fore](rng, a, light, horizon if a.fore == "beach" else horizon + 6)


def _object(rng: np.random.Generator, a: Attributes, light: Light, fore: Foreground) -> list[Layer]:
    if a.object == NONE:
        return []
    near = light.brighter()
    afloat = a.object == "boat"
    at = fore.water if afloat and fore.water else fore.land
    shapes = (
        tree(rng, a.land, a.fore, near) if a.object == "tree" else _BUILDINGS[a.object](rng, near)
    )
    depth = round(180 + 40 * at.y / EXTENT)
    below = _reflected(shapes, light) if afloat else _shadow(a, light)
    layers = [Layer("shadow", None, tuple(s.placed(at.x, at.y, at.scale) for s in below))]
    if a.object == "lighthouse" and a.land == "sea" and a.fore == NONE:
        layers = []
    layers += _shine(a, light, at)
    return [*layers, Layer(a.object, depth, tuple(s.placed(at.x, at.y, at.scale) for s in shapes))]


def _placed(a: Attributes, fore: Foreground, thing: list[Layer]) -> list[Layer]:
    """The object before the ground, but a boat off a beach behind the sand."""
    layers = list(fore.layers)
    if thing and a.object == "boat" and a.fore == "beach":
        *below, vessel = thing
        return [*layers[:-1], *below, replace(vessel, depth=OFF_SHORE), layers[-1]]
    return layers + thing


def _reflected(shapes: list[Shape], light: Light) -> list[Shape]:
    return reflection(shapes, light.lit("2c6aa0"))


def _shadow(a: Attributes, light: Light) -> list[Shape]:
    width = {"house": 15.0, "tent": 16.0, "tree": 9.0, "campfire": 12.0}.get(a.object, 9.0)
    side = 2.5 if light.side < EXTENT / 2 else -2.5
    return [Fill(ellipse(side, 0.3, width, 2.4), light.lit("20301c", 0.6), 0.42)]


def _shine(a: Attributes, light: Light, at: Place) -> list[Layer]:
    """The glow of a fire or a lamp in the dark."""
    height, radius = {"campfire": (-8.0, 30.0), "lighthouse": (-33.0, 22.0)}.get(
        a.object, (0.0, 0.0)
    )
    if not light.dark or not radius:
        return []
    glow = Glow(0, height, radius, rgb("ffb850" if a.object == "campfire" else "ffe890"), 0.6)
    return [Layer("glow", None, (glow.placed(at.x, at.y, at.scale),))]


def _weather(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> list[Layer]:
    if a.weather == "fog":
        return [weather.fog(rng, light, horizon)]
    if a.weather == "rain":
        return [weather.rain(rng, light)]
    if a.weather == "snowfall":
        return [weather.snowfall(rng, light)]
    return []

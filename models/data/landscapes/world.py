"""The world of landscapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.landscapes.attributes import HEADS, SPLITS, Attributes
from models.data.landscapes.composition import compose
from models.data.landscapes.drawing import depth, edges, render
from models.data.world import World

if TYPE_CHECKING:
    from models.data.landscapes.scene import Scene

LANDSCAPES: World[Attributes, Scene] = World(
    name="landscapes",
    heads=HEADS,
    splits=SPLITS,
    compose=compose,
    render=render,
    read=Attributes.from_indices,
    maps={"depth": depth, "edges": edges},
)

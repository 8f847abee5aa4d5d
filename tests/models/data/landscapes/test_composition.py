"""A landscape is a function of (seed, split, index), painted from far to near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.data.landscapes.attributes import NONE, SPLITS
from models.data.landscapes.composition import compose
from models.data.landscapes.drawing import render
from models.data.landscapes.geometry import EXTENT

if TYPE_CHECKING:
    from models.data.landscapes.scene import Scene

SOME = range(150)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [compose("judge", i) for i in SOME]


def test_a_landscape_is_determined_by_seed_split_and_index() -> None:
    picture = render(compose("train", 7))
    assert np.array_equal(picture, render(compose("train", 7)))
    for other in (compose("train", 8), compose("test", 7), compose("train", 7, seed=1)):
        assert not np.array_equal(picture, render(other))


def test_splits_share_no_picture() -> None:
    seen = {render(compose(split, i), 64).tobytes() for split in SPLITS for i in range(12)}
    assert len(seen) == 12 * len(SPLITS)


def test_layers_are_painted_from_far_to_near(scenes: list[Scene]) -> None:
    for scene in scenes:
        depths = [layer.depth for layer in scene.layers if layer.depth is not None]
        assert depths == sorted(depths)
        assert depths[0] == 0
        assert depths[-1] <= 255


def test_every_attribute_has_its_layer(scenes: list[Scene]) -> None:
    for scene in scenes:
        a, names = scene.attributes, {layer.name for layer in scene.layers}
        told = {a.land, a.fore, a.object, a.sky, a.weather} - {NONE, "clear"}
        assert told <= names


def test_no_layer_shows_what_is_not_told(scenes: list[Scene]) -> None:
    tellable = {"house", "tree", "boat", "tent", "windmill", "lighthouse", "campfire", "stars",
                "rainbow", "birds", "balloon", "fog", "rain", "snowfall", "lake", "meadow", "snow",
                "beach", "river", "road"}  # fmt: skip
    for scene in scenes:
        a, names = scene.attributes, {layer.name for layer in scene.layers}
        assert names & tellable <= {a.fore, a.object, a.sky, a.weather}


def test_objects_are_large_and_within_the_picture(scenes: list[Scene]) -> None:
    seen = 0
    for scene in scenes:
        for layer in scene.layers:
            if layer.name == scene.attributes.object or layer.name == "balloon":
                corners = np.concatenate([shape.outline for shape in layer.shapes])
                low, high = corners.min(axis=0), corners.max(axis=0)
                assert ((high - low) >= 10).all(), layer.name
                assert max(high - low) >= 18, layer.name
                assert (low > -2).all() or layer.name == "balloon", (layer.name, low)
                assert (high < EXTENT + 2).all(), (layer.name, high)
                seen += 1
    assert seen > 80


@pytest.mark.parametrize("index", [-1, SPLITS["combo"]])
def test_an_index_outside_the_split_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match="combo"):
        compose("combo", index)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(KeyError, match="holiday"):
        compose("holiday", 0)

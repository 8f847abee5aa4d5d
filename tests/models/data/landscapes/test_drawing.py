"""Pictures and what is exactly known of them: depth, edges, masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.data.landscapes.attributes import NONE
from models.data.landscapes.composition import compose
from models.data.landscapes.drawing import depth, edges, mask, render

if TYPE_CHECKING:
    from models.data.landscapes.scene import Scene


def some(count: int, **told: str) -> list[Scene]:
    """The first landscapes of the unrestricted split with these attributes."""
    found: list[Scene] = []
    index = 0
    while len(found) < count:
        scene = compose("judge", index)
        if all(getattr(scene.attributes, k) == v for k, v in told.items()):
            found.append(scene)
        index += 1
    return found


@pytest.mark.parametrize("size", [64, 128])
def test_sizes_and_types(size: int) -> None:
    scene = compose("train", 3)
    assert render(scene, size).shape == (size, size, 3)
    for drawn in (depth(scene, size), edges(scene, size)):
        assert drawn.shape == (size, size)
        assert drawn.dtype == np.uint8
    assert mask(scene, "sky", size).shape == (size, size)


def test_the_large_picture_shows_the_same_scene() -> None:
    for i in range(6):
        scene = compose("train", i)
        large = render(scene, 128).reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
        assert np.abs(large - render(scene, 64)).mean() < 3


def test_depth_holds_the_depths_of_the_layers_and_the_sky_is_black() -> None:
    for i in range(20):
        scene = compose("train", i)
        levels = {layer.depth for layer in scene.layers}
        drawn = depth(scene)
        assert set(np.unique(drawn)) <= levels
        sky = ~np.any([mask(scene, x.name) for x in scene.layers if x.depth], axis=0)
        assert (drawn[sky] == 0).all()


def test_depth_is_that_of_the_picture_itself() -> None:
    """Where the depth says that the nearest layer is in front, leaving it out changes pixels."""
    for scene in some(12, weather="clear"):
        if scene.attributes.object == NONE:
            continue
        nearest = scene.layers[-1]
        at = depth(scene) == nearest.depth
        changed = (render(scene) != render(scene.without(nearest.name))).any(axis=2)
        assert at.sum() > 30
        assert changed[at].mean() > 0.97


@pytest.mark.parametrize(
    "told",
    [{"object": "house"}, {"object": "boat"}, {"object": "windmill"}, {"sky": "balloon"},
     {"object": "tree", "weather": "rain"}],
    ids=str,
)  # fmt: skip
def test_a_mask_covers_exactly_what_the_object_changes(told: dict[str, str]) -> None:
    dry = {"fore": "meadow"} if "sky" in told else {}  # water would mirror a balloon
    for scene in some(3, **told, **dry):
        name = told.get("object") or told["sky"]
        covered = mask(scene, name)
        changed = (render(scene) != render(scene.without(name))).any(axis=2)
        assert not (changed & ~covered).any()
        assert changed[covered].mean() > 0.9


def test_an_unknown_mask_names_what_there_is() -> None:
    with pytest.raises(KeyError, match="sky"):
        mask(compose("train", 0), "dragon")


@pytest.mark.parametrize("size", [64, 128])
def test_edges_are_the_boundaries_of_layers_two_pixels_wide(size: int) -> None:
    for i in range(12):
        scene = compose("train", i)
        for flat in ("stars", "sun", "moon"):  # as far as the sky: an edge without a jump
            scene = scene.without(flat)
        far = np.pad(depth(scene, size).astype(int), 1, mode="edge")
        around = np.stack([far[:-2, 1:-1], far[2:, 1:-1], far[1:-1, :-2], far[1:-1, 2:]])
        jumps = (around != far[1:-1, 1:-1]).any(axis=0)
        assert jumps.any()
        assert np.array_equal(edges(scene, size), np.where(jumps, 255, 0))


def test_the_moon_has_an_edge_before_the_sky() -> None:
    scene = next(
        s for s in some(9, time="night", weather="clear") if "moon" in {x.name for x in s.layers}
    )
    moon = mask(scene, "moon")
    assert (edges(scene)[moon] == 255).any()
    assert (edges(scene.without("moon"))[moon] == 0).any()


def test_edges_of_shapes_include_those_of_layers() -> None:
    for i in range(8):
        scene = compose("train", i)
        outer, inner = edges(scene) > 0, edges(scene, shapes=True) > 0
        assert (inner | ~outer).all()
        assert inner.sum() > outer.sum()


def test_without_an_object_edges_and_depth_forget_it() -> None:
    scene = some(1, object="house", weather="clear")[0]
    assert depth(scene).max() > depth(scene.without("house")).max()
    assert (edges(scene) != edges(scene.without("house"))).any()

"""Names beside points: none on another, however the points lie, and always in the same places."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demos.labels import Box, placed
from app.demos.panels import DOT, HEIGHT, WIDTH, Point, plane

SIDE = 100.0
POINTS = st.lists(st.tuples(st.floats(0, SIDE), st.floats(0, SIDE)), min_size=1, max_size=20)


def test_boxes_overlap_if_they_share_more_than_a_border() -> None:
    box = Box(10, 10, 4, 2)
    assert box.overlaps(Box(12, 11, 4, 2))
    assert not box.overlaps(Box(14, 10, 4, 2))
    assert not box.overlaps(Box(10, 12, 4, 2))
    assert box.nearest(0, 10) == (8, 10)
    assert box.nearest(10.5, 10.5) == (10.5, 10.5)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(points=POINTS)
def test_no_name_lies_on_another_or_on_a_point(points: list[tuple[float, float]]) -> None:
    sizes = [(14.0, 5.0)] * len(points)
    boxes = placed(points, sizes, SIDE, SIDE, dot=1)
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    dots = [Box(x, y, 2, 2) for x, y in points]
    assert not any(box.overlaps(dot) for box in boxes for dot in dots)
    assert all(box.within(SIDE, SIDE) for box in boxes)
    assert placed(points, sizes, SIDE, SIDE, dot=1) == boxes


def test_a_lonely_point_has_its_name_at_its_right() -> None:
    (box,) = placed([(50, 50)], [(20, 5)], SIDE, SIDE, dot=1)
    assert box == Box(61, 50, 20, 5)


def test_where_there_is_no_room_at_all_names_stay_within() -> None:
    boxes = placed([(0, 0)] * 30, [(60, 40)] * 30, SIDE, SIDE, dot=1)
    assert all(box.within(SIDE, SIDE) for box in boxes)


def words(count: int) -> list[tuple[str, str, str]]:
    return [(f"word{i}", "asked" if i < 3 else "near", "") for i in range(count)]


@pytest.mark.parametrize("spread", [0.0, 1e-12, 0.03, 40.0])
def test_a_plane_holds_its_points_at_any_scale(spread: float) -> None:
    places = spread * torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    shown = plane("label", "alt", places, words(20))
    assert len(shown.points) == 20
    for point in shown.points:
        assert 0 <= point.x <= WIDTH
        assert 0 <= point.y <= HEIGHT
        assert point.label.within(WIDTH, HEIGHT)
    boxes = [point.label for point in shown.points]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_both_axes_of_a_plane_have_one_scale_and_up_is_up() -> None:
    places = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    origin, right, up = plane("label", "alt", places, words(3)).points
    assert right.x - origin.x == pytest.approx(2 * (origin.y - up.y), abs=0.2)
    assert right.y == origin.y
    assert up.y < origin.y


def test_a_plane_may_be_empty() -> None:
    assert plane("label", "alt", torch.zeros(0, 2), []).points == ()


def test_a_line_leads_to_a_name_that_is_far_away() -> None:
    beside = Point("word", 50, 50, Box(50 + DOT + 10, 50, 20, 5), "near")
    away = Point("word", 50, 50, Box(80, 70, 20, 5), "near")
    assert not beside.is_far
    assert away.is_far
    assert away.lead == (70, 67.5)

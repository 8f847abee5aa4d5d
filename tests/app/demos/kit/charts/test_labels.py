"""Names beside points: none on another, however the points lie, and always in the same places."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demos.kit.charts.cloud import HEIGHT, WIDTH, Spot, spots
from app.demos.kit.charts.labels import Box, Label, placed

BOUNDS = (100.0, 100.0)
POINTS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=20)


def test_boxes_overlap_if_they_share_more_than_a_border() -> None:
    box = Box(10, 10, 4, 2)
    assert box.overlaps(Box(12, 11, 4, 2))
    assert not box.overlaps(Box(14, 10, 4, 2))
    assert not box.overlaps(Box(10, 12, 4, 2))
    assert box.nearest((0, 10)) == (8, 10)
    assert box.nearest((10.5, 10.5)) == (10.5, 10.5)


@pytest.mark.parametrize(
    ("begin", "end", "meets"),
    [
        ((0, 10), (20, 10), True),
        ((0, 0), (20, 20), True),
        ((10, 0), (10, 20), True),
        ((10, 10), (10, 10), True),
        ((0, 10), (7, 10), False),  # it ends before
        ((0, 11), (20, 11), False),  # along the border
        ((0, 0), (20, 10), False),
        ((3, 3), (3, 3), False),
    ],
)
def test_a_line_meets_a_box_it_runs_through(
    begin: tuple[float, float], end: tuple[float, float], meets: bool
) -> None:
    box = Box(10, 10, 4, 2)
    assert box.meets(begin, end) == box.meets(end, begin) == meets


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(points=POINTS)
def test_no_name_lies_on_another_or_on_a_point(points: list[tuple[float, float]]) -> None:
    sizes = [(14.0, 5.0)] * len(points)
    labels = placed(points, sizes, BOUNDS, dot=1)
    assert not any(a.box.overlaps(b.box) for a, b in combinations(labels, 2))
    dots = [Box(x, y, 2, 2) for x, y in points]
    assert not any(label.box.overlaps(dot) for label in labels for dot in dots)
    assert all(label.box.within(BOUNDS) for label in labels)
    assert placed(points, sizes, BOUNDS, dot=1) == labels


def test_no_line_leads_through_a_name() -> None:
    crowd = [(50.0 + i, 50 + 0.7 * (i % 3)) for i in range(8)]
    labels = placed(crowd, [(14.0, 5.0)] * 8, BOUNDS, dot=1)
    assert not any(a.collides(b) for a, b in combinations(labels, 2))


def test_a_lonely_point_has_its_name_at_its_right() -> None:
    (label,) = placed([(50, 50)], [(20, 5)], BOUNDS, dot=1)
    assert label == Label((50, 50), Box(61, 50, 20, 5))
    assert label.lead == (51, 50)


def test_a_name_stands_away_from_the_other_points() -> None:
    left, right = placed([(45, 50), (55, 50)], [(20, 5), (20, 5)], BOUNDS, dot=1)
    assert left.box.x < 45
    assert right.box.x > 55


def test_where_there_is_no_room_at_all_names_stay_within() -> None:
    labels = placed([(0, 0)] * 30, [(60, 40)] * 30, BOUNDS, dot=1)
    assert all(label.box.within(BOUNDS) for label in labels)


def words(count: int) -> list[tuple[str, str, str]]:
    return [(f"word{i}", "asked" if i < 3 else "near", "") for i in range(count)]


@pytest.mark.parametrize("spread", [0.0, 1e-12, 0.03, 40.0])
def test_a_cloud_holds_its_points_at_any_scale(spread: float) -> None:
    places = spread * torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    shown = spots(places, words(20))
    assert len(shown) == 20
    labels = [spot.label for spot in shown]
    for label in labels:
        assert 0 <= label.point[0] <= WIDTH
        assert 0 <= label.point[1] <= HEIGHT
        assert label.box.within((WIDTH, HEIGHT))
    assert not any(a.box.overlaps(b.box) for a, b in combinations(labels, 2))


def test_both_axes_of_a_cloud_have_one_scale_and_up_is_up() -> None:
    places = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    origin, right, up = (spot.label.point for spot in spots(places, words(3)))
    assert right[0] - origin[0] == pytest.approx(2 * (origin[1] - up[1]), abs=0.01)
    assert right[1] == pytest.approx(origin[1])
    assert up[1] < origin[1]


def test_a_cloud_may_be_empty() -> None:
    assert spots(torch.zeros(0, 2), []) == ()


def test_a_line_leads_to_a_name_that_is_far_away() -> None:
    beside = Spot("word", Label((50, 50), Box(62, 50, 20, 5)), "near")
    away = Spot("word", Label((50, 50), Box(80, 70, 20, 5)), "near")
    assert not beside.is_far
    assert away.is_far
    assert away.label.lead == (70, 67.5)

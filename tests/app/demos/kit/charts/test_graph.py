"""Round numbers of a scale, and places by their shares of it."""

from __future__ import annotations

import pytest

from app.demos.kit import Graph, Spectrum
from app.demos.kit.charts.graph import scale


@pytest.mark.parametrize(
    ("most", "numbers"),
    [
        (366.0, [0, 100, 200, 300, 400]),
        (54.0, [0, 20, 40, 60]),
        (20.0, [0, 5, 10, 15, 20]),
        (1.0, [0, 1]),
        (0.0, [0, 1]),
    ],
)
def test_a_scale_has_few_round_numbers_and_reaches_the_largest(
    most: float, numbers: list[int]
) -> None:
    assert scale(most) == numbers


def test_places_are_shares_of_round_numbers() -> None:
    graph = Graph([(0.0, 50.0), (300.0, 10.0)], "", "nats", "error", (150.0, 30.0), "here")
    assert [mark.label for mark in graph.across] == ["0", "100", "200", "300"]
    assert graph.up[-1].label == "60"
    assert graph.line == "0.00,16.67 100.00,83.33"
    assert graph.point is not None
    x, y = graph.point
    assert (x.across, y.up) == ("50.00%", "50.00%")


def test_a_point_beyond_the_curve_widens_the_scale() -> None:
    graph = Graph([(10.0, 10.0)], "", "x", "y", (950.0, 2.0))
    assert graph.across[-1].label == "1000"


def test_before_there_is_a_curve_there_are_no_numbers() -> None:
    graph = Graph((), "", "x", "y")
    assert (graph.across, graph.up, graph.dots, graph.point) == ([], [], [], None)


def test_values_of_a_spectrum_are_sorted_and_cut() -> None:
    spectrum = Spectrum("", [1.0, 9.0, 0.01], 4.0, 0.05, "")
    assert spectrum.bars == [("100.00", True), ("25.00", True), ("0.25", False)]
    assert spectrum.width == 3
    assert Spectrum("", (), 4.0, 0.05, "").width == 128

"""Percentiles, limits and tables."""

from __future__ import annotations

import pytest

from scripts.bars import Bar, Spread, judgement, number, percentile, table


def test_percentiles_are_the_nearest_ranks() -> None:
    values = [float(i) for i in range(100, 0, -1)]
    assert Spread.of(values) == Spread(50, 95, 99)
    assert Spread.of([7.0]) == Spread(7, 7, 7)
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([3, 1, 2], 0) == 1


def test_without_values_there_is_no_spread() -> None:
    assert Spread.of([]) is None
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("at most", 2.0, most=2), True),
        (Bar("at most", 2.1, most=2), False),
        (Bar("at least", 5, least=5), True),
        (Bar("at least", 4.9, least=5), False),
        (Bar("not measured", None, most=1), False),
        (Bar("told", 9.0), True),
        (Bar("told, not measured", None), True),
    ],
)
def test_a_bar_is_met_within_its_limits(bar: Bar, met: bool) -> None:
    assert bar.met is met


def test_a_judgement_says_value_limit_and_verdict() -> None:
    lines = judgement([Bar("errors", 0, most=0), Bar("ratio", 1.25, most=1.1), Bar("told", None)])
    assert [line.split() for line in lines.splitlines()] == [
        ["value", "bar"],
        ["errors", "0", "≤", "0", "met"],
        ["ratio", "1.250", "≤", "1.1", "MISSED"],
        ["told", "–"],
    ]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table([("a", "10", "x"), ("long", "2", "yy")]) == "a     10   x\nlong   2  yy"
    assert (number(1.005, 1), number(None)) == ("1.0", "–")

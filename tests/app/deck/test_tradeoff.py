"""Quality and time in a plane are the cards'."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, cast

from app.deck.comparison import FAMILIES
from app.deck.tradeoff import tradeoff
from models.runtime.zoo import Zoo
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context

CONTEXT = cast("Context", Finished())


def test_the_plane_of_quality_and_time_is_the_cards() -> None:
    plane = tradeoff(CONTEXT)
    assert plane is not None
    assert [spot.name for spot in plane.spots] == list(FAMILIES.values())
    cards = [Zoo().card(model)["measured"] for model in FAMILIES]
    for values, axis in (
        ([card["speed"]["seconds_16"] for card in cards], 0),
        ([card["samples"]["frechet"] for card in cards], 1),
    ):
        order = sorted(range(len(cards)), key=values.__getitem__)
        assert order == sorted(order, key=lambda i: plane.spots[i].label.point[axis])
    assert not any(a.label.collides(b.label) for a, b in combinations(plane.spots, 2))

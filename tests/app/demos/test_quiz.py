"""The quiz asks about every family and gives no answer away."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest

from app.deck.comparison import FAMILIES
from app.demos.panels import Choice, Message
from app.demos.quiz import Quiz, QuizParameters, family_of
from tests.support.finished import Finished
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.context import Context


def test_all_families_are_asked_about() -> None:
    counted = Counter(family_of(seed) for seed in range(600))
    assert set(counted) == set(FAMILIES)
    assert min(counted.values()) > 50


def test_every_visit_begins_with_another_question(client: TestClient) -> None:
    pages = [client.get("/slides/8?demo=quiz").text for _ in range(6)]
    assert len({Visible(page).fields["seed"] for page in pages}) > 1
    assert Visible(client.get("/slides/8?demo=quiz&seed=5").text).fields["seed"] == "5"


@pytest.mark.anyio
async def test_the_time_is_not_told_and_the_verdict_comes_first() -> None:
    context = cast("Context", Finished(seconds=1.25))
    seed = 3
    right = family_of(seed)
    asked = [f async for f in Quiz().frames(context, QuizParameters(seed=seed))]
    told = [f async for f in Quiz().frames(context, QuizParameters(seed=seed, guess=right))]
    assert asked[-1].seconds is told[-1].seconds is None
    first, (_, verdict, onward) = told[0].panels[0], told[-1].panels
    assert isinstance(first, Message)
    assert isinstance(verdict, Message)
    assert first.text == verdict.text  # before anything is drawn again
    assert first.text.startswith("Yes: ")
    assert isinstance(onward, Choice)
    assert (onward.name, onward.items) == ("seed", ((str(seed + 1), "Next question"),))

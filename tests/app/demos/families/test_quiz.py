"""The quiz asks about every family and gives no answer away."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest

from app.deck.comparison import FAMILIES
from app.deck.stage import Stage
from app.demos.families.quiz import Quiz, QuizParameters, family_of
from app.demos.kit import Answer, Choice, Column, Part, Row, Scene, Sentence
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
    waits, shown = told[0].scene, told[-1].scene
    assert waits is not None
    assert shown is not None
    assert waits.text == shown.text  # before anything is drawn again
    assert shown.text.startswith("Yes: ")
    (said,) = [part.text for part in parts(shown) if isinstance(part, Sentence)]
    assert said == shown.text
    answers, onward = (part for part in parts(shown) if isinstance(part, Choice))
    assert not answers.query
    assert [answer.value for answer in answers.answers if answer.tone == "good"] == [right]
    assert onward.answers == [Answer(str(seed + 1), "Next question")]


@pytest.mark.anyio
async def test_before_a_guess_nothing_tells_the_family() -> None:
    context = cast("Context", Finished())
    scene = [f async for f in Quiz().frames(context, QuizParameters(seed=3))][-1].scene
    assert scene is not None
    assert "family" not in scene.numbers
    answers = next(part for part in parts(scene) if isinstance(part, Choice))
    assert "seed=3" in answers.query
    assert {answer.tone for answer in answers.answers} == {"open"}


@pytest.mark.anyio
async def test_before_a_guess_every_word_and_attribute_is_the_same_for_all_families(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context, asked = cast("Context", Finished()), QuizParameters(seed=3)
    stage = Stage(8, Quiz(), asked)
    shown = set()
    for family in FAMILIES:
        monkeypatch.setattr("app.demos.families.quiz.family_of", lambda _, family=family: family)
        frames = [stage.render(frame) async for frame in stage.demo.frames(context, asked)]
        assert "<img " in frames[-1]
        shown.add("".join(frames))
    assert len(shown) == 1


def parts(scene: Scene) -> list[Part]:
    """All parts of a scene."""
    found = [scene.root]
    for part in found:
        if isinstance(part, Row | Column):
            found.extend(part.parts)
    return found

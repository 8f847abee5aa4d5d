"""The shipped deck.toml says all there is."""

from __future__ import annotations

import pytest

from app.deck.deck import shipped
from app.demos.controls import control_of
from models.data.captions.vocabulary import WORDS
from tests.support.demos import DEMOS


def test_it_has_eight_slides_that_say_something() -> None:
    outline = shipped().outline
    assert [slide.number for slide in outline] == list(range(1, 9))
    for slide in outline:
        assert slide.sections
        assert all(section.items for section in slide.sections)
        assert slide.notes
        assert slide.insight


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
def test_it_names_every_play_and_says_what_to_look_for(demo) -> None:
    words = shipped().slides[str(demo.slide)].plays[demo.name]  # type: ignore[index]
    assert words.title
    assert words.hint


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
def test_it_has_the_defaults_of_all_controls_that_a_play_shows(demo) -> None:
    words = shipped().slides[str(demo.slide)].plays[demo.name]  # type: ignore[index]
    fields = type(demo).parameters.model_fields
    shown = {name: f.default for name, f in fields.items() if control_of(f) != "hidden"}
    if not demo.seeded or demo.surprising:
        del shown["seed"]
    # A seed is chosen by eye; whatever else a control begins with stands in the class as well.
    assert words.defaults.keys() == shown.keys()
    assert words.defaults | {"seed": 0} == shown | {"seed": 0}


def test_it_names_no_play_that_there_is_not() -> None:
    said = {(number, name) for number, slide in shipped().slides.items() for name in slide.plays}
    assert said == {(str(demo.slide), demo.name) for demo in DEMOS}


def test_the_number_of_known_words_is_counted() -> None:
    facts = [item for s in shipped().outline[6].sections for item in s.items]
    assert any(f"CLIP knows {len(WORDS)} words" in fact for fact in facts)


def test_the_last_words_of_the_cover_s_title_stay_together() -> None:
    assert shipped().cover.heading.endswith("Family\N{NO-BREAK SPACE}Tree")

"""A file of one's own takes the place of parts of the shipped deck, or is refused by line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.deck.deck import shipped
from app.deck.deckfile import DeckError, merged, opened
from app.demos.registry import Demos

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.deck.deck import Deck

PAGE = (Path(__file__).parents[3] / "docs" / "deck.md").read_text(encoding="utf-8")
EXAMPLES = [text for text in re.findall(r"```toml\n(.+?)```", PAGE, re.S) if "#:schema" not in text]


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str | bytes], tuple[Deck, Demos]]:
    """Opens a deck of this text."""

    def own(text: str | bytes) -> tuple[Deck, Demos]:
        path = tmp_path / "my.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return opened(str(path), Demos())

    return own


@pytest.fixture
def refused(own, tmp_path: Path) -> Callable[[str | bytes], list[str]]:
    """What is said of this text, a line for each fault, without the folder."""

    def refused(text: str | bytes) -> list[str]:
        with pytest.raises(DeckError) as error:
            own(text)
        return str(error.value).replace(f"{tmp_path}/", "").split("\n")

    return refused


def test_without_a_file_the_deck_is_as_shipped() -> None:
    deck, demos = opened("", Demos())
    assert deck is shipped()
    assert [(d.slide, d.name) for d in demos] == [(d.slide, d.name) for d in Demos()]


def test_an_empty_file_changes_nothing(own) -> None:
    deck, demos = own("# nothing yet\n")
    assert deck == shipped()
    assert len(demos) == len(Demos())


def test_words_replace_words_and_leave_the_others(own) -> None:
    deck, _ = own(
        '[cover]\nkicker = "Lecture 7"\n[slides.2]\ntitle = "GANs"\nnotes = []\n'
        '[slides.2.facts]\n"Why they lost" = []\n"In our lab" = ["One.", "Two."]\n'
    )
    slide, before = deck.outline[1], shipped().outline[1]
    assert (deck.cover.kicker, deck.cover.title) == ("Lecture 7", shipped().cover.title)
    assert (slide.title, slide.subtitle, slide.notes) == ("GANs", before.subtitle, ())
    titles = [section.title for section in slide.sections]
    assert titles == ["How it works", "The GAN era, 2014–2021", "In our lab"]
    assert slide.sections[-1].items == ("One.", "Two.")
    assert slide.sections[0] == before.sections[0]
    assert deck.outline[0] == shipped().outline[0]


def test_tables_are_merged_lists_and_values_are_not() -> None:
    base = {"a": {"x": 1, "y": [1, 2]}, "b": 3}
    assert merged(base, {"a": {"y": [9]}, "c": 4}) == {"a": {"x": 1, "y": [9]}, "b": 3, "c": 4}
    assert merged(base, {"a": 0, "b": {"z": 1}}) == {"a": 0, "b": {"z": 1}}
    assert base == {"a": {"x": 1, "y": [1, 2]}, "b": 3}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[cover]\n\nkicke = "x"', 3, "cover.kicke: there is no key called 'kicke'; did you mean"),
        ("[cover]\ntitle = 3", 2, "cover.title: must be a text"),
        ('[cover]\ntitle = ""', 2, "cover.title: String should have at least 1 character"),
        ("cover = 3", 1, "cover: must be a table"),
        ("slides = []", 1, "slides: must be a table"),
        ("\nsubtitle = 3", 2, "subtitle: there is no key called 'subtitle'; there are: cover, sl"),
        ('[slides.9]\ntitle = "x"', 1, "slides.9: there is no slide 9; the deck has 1 to 8"),
        ('[slides.1]\nnotes = "x"', 2, "slides.1.notes: must be a list"),
        ('[slides.1]\nnotes = [\n  "x",\n  4,\n]', 4, "slides.1.notes.1: must be a text"),
        ('[slides.1]\nnote = ["x"]', 2, "slides.1.note: there is no key called 'note'; did you"),
        ('[slides.4]\norder = ["dance"]', 2, "slides.4.order.0: there is no Play of this slide"),
        (
            '[slides.6]\nleave_out = [\n  "paths",\n  "timeline",\n]',
            2,
            "slides.6.leave_out: a slide needs a Play; this leaves out all of them",
        ),
        ('[slides.4.plays.denois]\nhint = "x"', 1, "'denois'; did you mean denoise?"),
        ('[slides.4.plays.denoise]\nbeside = "Why"', 2, "heading of this slide called 'Why'"),
        ('[slides.4.plays.denoise]\nhints = "x"', 2, "called 'hints'; did you mean hint?"),
        ('[slides.4.plays.denoise]\nleave_out = ["solve"]', 2, "did you mean solver?"),
        ("[slides.4.plays.denoise.defaults]\nsteps = 3", 2, "no control of this Play called"),
        ("[slides.4.plays.denoise]\ndefaults.num_steps = 800", 2, "less than or equal to 100"),
        ("[slides.4.plays.denoise]\ndefaults.num_steps = 8.5", 2, "must be a valid integer"),
        ('[slides.4.plays.denoise]\ndefaults.seed = "7"', 2, "must be a valid integer"),
        ("[slides.4.plays.denoise]\ndefaults.seed = true", 2, "must be a valid integer"),
        ("[slides.4.plays.denoise]\ndefaults.guidance_scale = nan", 2, "must be"),
        ('[slides.4.plays.denoise]\ndefaults.solver = "x"', 2, "one of dpm-solver++, ddim, ddpm"),
        ('[slides.4.plays.denoise]\ndefaults.prompt = ["a"]', 2, "prompt: must be a text"),
        (f'[slides.4.plays.denoise]\ndefaults.prompt = "{"a" * 999}"', 2, "at most 300 characters"),
        ("[slides.4.plays.denoise]\nbreaks.values.num_steps = 800", 2, "or equal to 100"),
        ("[slides.4.plays.denoise]\nbreaks.values.steps = 3", 2, "no control of this Play called"),
        ('[slides.4.plays.denoise.breaks]\nlooks = "x"', 2, "called 'looks'; did you mean look?"),
        ('[slides.8.plays.quiz]\ndefaults.guess = "vae"', 2, "'guess'; there are: seed"),
        ('[cover]\ntitle = "x', 2, "this is no TOML: Unterminated string"),
        ('[cover]\ntitle = "x\n', 2, "this is no TOML: Illegal character"),
        ("[cover]\n[cover]\n", 2, "this is no TOML: Cannot declare ('cover',) twice"),
        ('[cover]\nnotes = [\n  "x",\n', 3, "this is no TOML: "),
        (b'[cover]\ntitle = "\xff"', 2, "this is no text in UTF-8"),
    ],
)
def test_a_fault_is_told_with_its_line_and_reason(
    refused, text: str | bytes, line: int, words: str
) -> None:
    (told,) = refused(text)
    assert told.startswith(f"my.toml:{line}: ")
    assert words in told


def test_all_faults_are_told_in_the_order_of_their_lines(refused) -> None:
    text = '[slides.4]\nnotes = 3\n\n[cover]\ntitle = 4\npromis = "x"\n'
    assert [line.split(": ")[0] for line in refused(text)] == [f"my.toml:{n}" for n in (2, 5, 6)]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeckError, match=r"none\.toml: No such file"):
        opened(str(tmp_path / "none.toml"), Demos())


def test_files_of_other_systems_are_read(own) -> None:
    deck, _ = own(b'\xef\xbb\xbf[cover]\r\nkicker = "Le\xc3\xa7on 7"\r\n')
    assert deck.cover.kicker == "Leçon 7"


def test_the_page_of_the_docs_has_six_examples() -> None:
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_docs_change_the_deck(own, text: str) -> None:
    deck, _ = own(text)
    assert deck != shipped()


def test_the_faults_of_the_docs_are_told_so(refused) -> None:
    text = (
        "[slides.4.plays.denoise]\ndefaults.num_steps = 800\n"
        '[slides.3]\nleave_out = ["likelyhood"]\n'
    )
    for told in refused(text):
        assert re.sub(r"my.toml:\d+", "", told) in PAGE

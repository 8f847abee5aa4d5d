"""A prompt as a model reads it: known, read as, unknown, cut off, and asked of the wrong model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

import pytest

from app.demos.autoregressive.tokens import Tokens, TokensParameters
from app.demos.diffusion.denoise import Denoise, DenoiseParameters
from app.demos.diffusion.paths import Paths, PathsParameters
from app.demos.latent.prompt import PromptParameters, PromptToImage
from app.demos.prompts.reading import Reading, Word, read_class, read_words
from app.demos.vae.prior import Prior, PriorParameters
from models.data.captions.tokenizer import MAX_TOKENS
from models.data.fashion import CLASSES
from models.runtime.checkpoint import CheckpointError
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context

BOTH = {"latent-diffusion": ["faces", "landscapes"]}


class Known(Finished):
    """The shipped cards, some of which know more worlds."""

    def __init__(self, **worlds: list[str]) -> None:
        super().__init__()
        self.worlds = {name.replace("_", "-"): known for name, known in worlds.items()}

    def card(self, name: str) -> dict[str, Any]:
        card = super().card(name)
        return card | {"worlds": self.worlds[name]} if name in self.worlds else card


def context(**worlds: list[str]) -> Context:
    return cast("Context", Known(**worlds))


def states(words: Reading) -> list[tuple[str, str]]:
    return [(word.typed, word.state) for word in words.items]


def notes(words: Reading) -> str:
    return " ".join(note.text for note in words.notes)


def test_every_word_is_known_read_as_another_or_unknown() -> None:
    words = read_words("A girl with SUNGLASES, please, and a dragon!")
    assert words.items[3] == Word("SUNGLASES", "other", "sunglasses")
    assert states(words) == [
        ("A", "known"),
        ("girl", "known"),
        ("with", "known"),
        ("SUNGLASES", "other"),
        ("please", "known"),
        ("and", "known"),
        ("a", "known"),
        ("dragon", "unknown"),
    ]
    assert words.notes == ()
    assert words.said == "SUNGLASES is read as sunglasses. Not understood: dragon."


def test_a_word_that_is_read_as_a_relative_says_so() -> None:
    words = read_words("auburn side-swept hair, no hot-air balloon")
    assert words.items[0] == Word("auburn", "other", "ginger")
    assert {word.state for word in words.items[1:]} == {"known"}
    assert words.said == "auburn is read as ginger."


def test_where_all_is_known_that_is_said() -> None:
    assert read_words("a sunset over mountains").said == "All words are understood."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("zzz qqq", "None of these words is known; the picture is drawn without a prompt."),
        ("", "Nothing is asked for; the picture is drawn without a prompt."),
        ("12 !?", "Nothing is asked for; the picture is drawn without a prompt."),
    ],
)
def test_a_prompt_of_which_nothing_is_known_says_so(text: str, sentence: str) -> None:
    words = read_words(text)
    assert notes(words) == words.said == sentence
    assert words.after("Drawn.") == f"Drawn. {sentence}"


def test_a_prompt_says_where_it_was_cut() -> None:
    most = MAX_TOKENS - 2
    words = read_words(f"{'red ' * most}house and nonsensical tree")
    assert {word.state for word in words.items[:most]} == {"known"}
    assert {word.state for word in words.items[most:]} == {"late"}
    assert notes(words) == f"The prompt is cut before “house”: {most} words are read."
    assert read_words("red " * most).notes == ()


def test_a_class_is_marked_in_its_prompt() -> None:
    words = read_class("A shiny Ankle Boot, please")
    known = {"Ankle", "Boot"}
    assert states(words) == [
        (word, "known" if word in known else "unknown")
        for word in ("A", "shiny", "Ankle", "Boot", "please")
    ]
    assert words.notes == ()


def test_without_a_class_all_are_offered() -> None:
    said = notes(read_class("a red afro"))
    assert all(name in said for name in CLASSES)


PROMPTED: list[tuple[Any, Any]] = [
    (Tokens(), TokensParameters),
    (Denoise(), DenoiseParameters),
    (Paths(), PathsParameters),
]


@pytest.mark.parametrize(("demo", "kind"), PROMPTED)
def test_a_model_of_faces_says_where_a_landscape_is_drawn(demo: Any, kind: Any) -> None:
    asked = "a foggy lake & a boat"
    (note,) = demo.read(context(**BOTH), kind(prompt=asked)).notes
    assert note.text == "This model draws only faces."
    assert note.link is not None
    assert note.link.slide == 7
    assert parse_qs(note.link.query) == {"demo": ["prompt"], "prompt": [asked]}


@pytest.mark.parametrize("text", ["a girl at sunset", "red", "sunglasses", "the under", ""])
def test_only_a_landscape_without_a_face_is_sent_elsewhere(text: str) -> None:
    words = Denoise().read(context(**BOTH), DenoiseParameters(prompt=text))
    assert "only" not in notes(words)


def test_there_is_no_link_to_what_cannot_draw_it_either() -> None:
    words = Denoise().read(context(latent_diffusion=["faces"]), DenoiseParameters(prompt="a lake"))
    (note,) = words.notes
    assert note.link is None


def test_a_model_of_both_worlds_draws_it_itself() -> None:
    words = PromptToImage().read(context(**BOTH), PromptParameters(prompt="a lake"))
    assert words.notes == ()


def test_clothes_are_read_by_their_class() -> None:
    words = Denoise().read(context(), DenoiseParameters(dataset="fashion", prompt="a red sneaker"))
    assert states(words) == [("a", "unknown"), ("red", "unknown"), ("sneaker", "known")]


def test_nothing_is_read_where_no_prompt_is() -> None:
    assert Prior().read(context(), PriorParameters()) == Reading(())
    pixels = TokensParameters(dataset="fashion", prompt="a sneaker")
    assert Tokens().read(context(), pixels) == Reading(())
    assert Reading(()).said == ""


def test_a_model_that_is_missing_reads_nothing() -> None:
    class Empty:
        def procedure(self, name: str) -> None:
            raise CheckpointError(f"{name} is missing")

    lost = Known()
    lost.zoo = Empty()  # type: ignore[assignment]
    assert Paths().read(cast("Context", lost), PathsParameters()) == Reading(())

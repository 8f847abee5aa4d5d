"""Captions as people speak: true, understood, short enough, and of all shapes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.data.attributes import HEADS as FACE_HEADS
from models.data.attributes import NONE
from models.data.attributes import Attributes as Face
from models.data.captions import faces as face_words
from models.data.captions.claims import WORLD, is_true, values_of, world_of
from models.data.captions.grammar import words_of
from models.data.captions.tokenizer import MAX_TOKENS, tokenizer
from models.data.captions.wordings import wordings
from models.data.captions.writer import LONGEST, topics, training_caption
from models.data.landscapes.attributes import HEADS as LANDSCAPE_HEADS
from tests.models.data.captions.spoken import (
    FACE,
    LANDSCAPE,
    captions,
    pictures,
    said_of,
)

UNMISTAKABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "hair": {
        "hairless": ("bald head",), "beanie": ("beanie",), "mohawk": ("mohawk",),
        "quiff": ("quiff",), "pigtails": ("pigtails",), "afro": ("afro",),
        "curls": ("curly hair",), "updo": ("bun",), "hat": ("cap", "beanie"),
    },
    "hair_color": {"ginger": ("red",), "brunette": ("brown",), "raven": ("black",)},
    "eyes": {
        "sunglasses": ("sunglasses",), "spectacles": ("glasses",), "winking": ("wink",),
        "glasses": ("glasses", "sunglasses"), "asleep": ("sleep",),
    },
    "mouth": {
        "lipstick": ("lips",), "pacifier": ("pacifier",), "grinning": ("bigSmile",),
        "smirking": ("smirk",), "angry": ("frown",), "cheerful": ("smile", "bigSmile"),
        "shocked": ("surprise",),
    },
    "facial_hair": {"goatee": ("goatee",), "moustache": ("mustache",), "bearded": ("beard",)},
    "garment": {"checkered": ("checkered shirt",), "tartan": ("checkered shirt",)},
    "time": {
        "dawn": ("sunrise",), "noon": ("day",), "sunset": ("sunset",), "dusk": ("sunset",),
        "midnight": ("night",), "moonlight": ("night",),
    },
    "land": {
        "desert": ("desert",), "forest": ("forest",), "skyscrapers": ("city",),
        "ocean": ("sea",), "peaks": ("mountains", "snowy mountains"), "hills": ("hills",),
    },
    "fore": {
        "lake": ("lake",), "meadow": ("meadow",), "beach": ("beach",), "river": ("river",),
        "road": ("road",),
    },
    "object": {
        "cottage": ("house",), "boat": ("boat",), "tent": ("tent",), "windmill": ("windmill",),
        "lighthouse": ("lighthouse",), "campfire": ("campfire",),
    },
    "sky": {
        "starry": ("stars",), "rainbow": ("rainbow",), "gulls": ("birds",),
        "balloon": ("balloon",), "cloudy": ("clouds",),
    },
    "weather": {"foggy": ("fog",), "raining": ("rain",), "snowfall": ("snowfall",)},
}  # fmt: skip
"""Attribute → a word that can mean one thing alone → the values of which it is true."""
DENIALS = {"no", "not", "without", "nothing", "cloudless", "beardless"}


def words(text: str) -> set[str]:
    return set(words_of(text))


def test_what_every_caption_claims_is_so_in_its_picture() -> None:
    for a, caption in captions():
        assert is_true(caption.claims, values_of(a)), (a, caption)


def test_words_that_mean_one_thing_are_said_of_pictures_that_show_it() -> None:
    met = set()
    for a, caption in captions():
        said = words(caption.text)
        if said & DENIALS:
            continue
        for head, meanings in UNMISTAKABLE.items():
            for word in said & set(meanings):
                met.add(word)
                value = getattr(a, head, None)
                assert value in meanings[word], (word, a, caption)
                assert caption.claims[head] <= set(meanings[word]), (word, caption)
    assert met == {word for meanings in UNMISTAKABLE.values() for word in meanings}


def test_what_is_denied_is_not_there() -> None:
    denials = {
        "no glasses": ("eyes", "glasses"), "without a beard": ("facial_hair", "beard"),
        "clean-shaven": ("facial_hair", "mustache"), "no hat": ("hair", "cap"),
        "no clouds": ("sky", "clouds"), "without a house": ("object", "house"),
        "no rain": ("weather", "rain"), "no snow": ("fore", "snow"),
    }  # fmt: skip
    met = set()
    for a, caption in captions():
        for denial, (head, value) in denials.items():
            if denial in caption.text:
                met.add(denial)
                assert getattr(a, head) != value
                assert value not in caption.claims[head], caption
    assert met == set(denials)


def test_no_tree_is_denied_of_a_forest_and_no_house_of_a_city() -> None:
    forest = replace(LANDSCAPE, land="forest", object=NONE)
    city = replace(LANDSCAPE, land="city", object=NONE)
    texts = [[c.text for c in said_of(a, 3000)] for a in (forest, city)]
    assert any("no house" in text for text in texts[0])
    assert not any(text for text in texts[0] if "no tree" in text or "without tree" in text)
    assert any("no tree" in text for text in texts[1])
    assert not any(text for text in texts[1] if "no house" in text or "without house" in text)


def test_captions_are_understood_and_fit() -> None:
    for _, caption in captions():
        assert caption.text == caption.text.lower()
        tokens = tokenizer().encode(caption.text)
        assert tokens.unknown == ()
        assert tokens.slips == ()
        assert tokens.cut == ""
        assert 1 <= len(tokens.words) <= LONGEST == MAX_TOKENS - 2
        assert list(tokens.words) == words_of(caption.text)


def test_captions_of_one_picture_differ() -> None:
    for a in (FACE, LANDSCAPE):
        assert len({caption.text for caption in said_of(a)}) > 250


def test_captions_are_of_all_lengths_down_to_a_single_word() -> None:
    for world in ("faces", "landscapes"):
        lengths = [len(words_of(c.text)) for a, c in captions() if world_of(a) == world]
        assert set(range(1, 25)) <= set(lengths)
        assert 0.005 < lengths.count(1) / len(lengths) < 0.05


@pytest.mark.parametrize("world", ["faces", "landscapes"])
def test_captions_are_tags_sentences_orders_wishes_and_clauses(world: str) -> None:
    texts = [caption.text for a, caption in captions() if world_of(a) == world]
    orders = tuple(f"{order} " for order in wordings("sentences")["orders"])
    shapes = {
        "tags": [t for t in texts if ", " in t and not words(t) & {"a", "an", "with", "and"}],
        "articles": [t for t in texts if t.startswith(("a ", "an "))],
        "orders": [t for t in texts if t.startswith(orders)],
        "please": [t for t in texts if t.endswith(" please")],
        "absence": [t for t in texts if words(t) & {"no", "without"}],
        "clauses": [t for t in texts if words(t) & {"is", "are", "who"}],
        "two sentences": [t for t in texts if ". " in t],
    }
    for shape, found in shapes.items():
        assert len(found) > len(texts) / 250, shape


def test_any_number_of_topics_is_spoken_of_in_any_order() -> None:
    for a, heads in ((FACE, FACE_HEADS), (LANDSCAPE, LANDSCAPE_HEADS)):
        orders = {tuple(head for head in c.claims if head in heads) for c in said_of(a)}
        assert {len(order) for order in orders} >= {1, 2, 3, 4, 5, 6}
        later = {"hair_color", "hat_color"}  # behind whose colour it is
        assert {order[0] for order in orders if order} == set(heads) - later


def test_a_colour_is_said_without_a_style_and_a_style_without_a_colour() -> None:
    told = [set(c.claims) & {"hair", "hair_color"} for c in said_of(replace(FACE, eyes="open"))]
    assert {"hair"} in told
    loose = [c for c in said_of(FACE) if len(c.claims.get("hair", ())) > 2]
    assert any(c.claims.get("hair_color") == frozenset({"red"}) for c in loose)


def test_every_value_has_several_names() -> None:
    for a in pictures():
        for topic, meanings in topics(a).items():
            texts = {t for m in meanings for ts in m.forms.values() for t in ts}
            assert len(texts) > 1, (topic, a)


@pytest.mark.parametrize("hidden", ["beard", "goatee", "mustache"])
def test_no_woman_has_a_beard(hidden: str) -> None:
    women = set(wordings("faces")["nouns"]["woman"])
    assert not women & set(face_words.nouns(replace(FACE, facial_hair=hidden)))
    seen = {NONE: False, hidden: False}
    for a, caption in captions():
        if isinstance(a, Face) and a.facial_hair in seen and a.hair != "bald head":
            seen[a.facial_hair] |= bool(words(caption.text) & women)
    assert seen == {NONE: True, hidden: False}


def test_no_bald_woman_and_no_man_with_lipstick() -> None:
    shaven = replace(FACE, facial_hair=NONE, mouth="smile")
    nouns = wordings("faces")["nouns"]
    for a, missing in (
        (shaven, set[str]()),
        (replace(shaven, hair="bald head", hair_color=NONE), set(nouns["woman"])),
        (replace(shaven, mouth="lips"), set(nouns["man"])),
    ):
        everybody = {*nouns["anyone"], *nouns["man"], *nouns["woman"]}
        assert set(face_words.nouns(a)) == everybody - missing


def test_a_mouth_under_a_beard_is_not_spoken_of() -> None:
    for a, caption in captions():
        if isinstance(a, Face) and not a.mouth_visible:
            assert "mouth" not in caption.claims


def test_a_caption_says_of_which_world_its_picture_is() -> None:
    for a, caption in captions():
        assert next(iter(caption.claims)) == WORLD
        assert caption.claims[WORLD] == {world_of(a)}


def test_the_generator_decides() -> None:
    for a in pictures()[::25]:
        first, second = (training_caption(a, np.random.default_rng(5)) for _ in range(2))
        assert first == second

"""Some hundreds of words, each of which captions use."""

from __future__ import annotations

import numpy as np
import pytest

from models.data.attributes import draw_attributes as draw_face
from models.data.captions.grammar import words_of
from models.data.captions.tokenizer import tokenizer
from models.data.captions.vocabulary import WORDS, texts
from models.data.captions.wordings import FILES, wordings
from models.data.captions.writer import training_caption
from models.data.landscapes.attributes import draw_attributes as draw_landscape

WANTED = {
    "orders": "draw me a person please",
    "absence": "no glasses, without a beard, clean-shaven, no clouds, without a house, "
    "an empty beach, nothing but the sea",
    "hats": "hat, cap, baseball cap",
    "hair": "blond, blonde, fair, red, ginger, redhead, gray and grey",
    "eyes": "glasses, specs, spectacles, sunglasses, shades",
    "people": "man, woman, guy, lady, girl, boy, kid, someone, face",
    "clothing": "shirt, t-shirt, top, sweater, jumper, pullover, dress",
    "moods": "happy, cheerful, gloomy, angry, an orange sky, a cold night, something peaceful",
    "time": "sunrise, dawn, early morning, sunny day, noon, daytime, daylight, sunset, dusk, "
    "evening, sundown, night, midnight, moonlit, dark",
    "land": "mountains, peaks, alps, snowy mountains, snow-capped peaks, white summits, hills, "
    "rolling hills, green hills, desert, dunes, sand, forest, woods, pines, trees, city, skyline, "
    "skyscrapers, town, sea, ocean, water",
    "fore": "lake, pond, meadow, grass, field, snow, winter, beach, sand, shore, river, stream, "
    "road, path, street",
    "object": "house, cottage, cabin, hut, tree, boat, sailboat, sailing boat, ship, tent, camp, "
    "windmill, mill, lighthouse, campfire, fire, bonfire",
    "sky": "clouds, cloudy, stars, starry, rainbow, birds, gulls, hot-air balloon, balloon",
    "weather": "fog, foggy, misty, rain, rainy, snowing, snowfall, falling snow",
}
"""What people say of faces and of landscapes, as those who asked for it listed it."""


def test_some_hundreds_of_words_each_once_and_in_order() -> None:
    assert 500 <= len(WORDS) <= 900
    assert list(WORDS) == sorted(set(WORDS))
    assert len(tokenizer()) == len(WORDS) + 3
    assert all(word.isascii() and word == word.lower() for word in WORDS)


@pytest.mark.parametrize("kind", WANTED)
def test_what_people_say_is_known(kind: str) -> None:
    assert set(words_of(WANTED[kind])) <= set(WORDS)


def test_every_word_occurs_in_captions_and_no_other() -> None:
    rng = np.random.default_rng(0)
    said: set[str] = set()
    for _ in range(8_000):
        for draw in (draw_face, draw_landscape):
            said |= set(words_of(training_caption(draw(rng, "judge"), rng).text))
    assert said == set(WORDS)


def test_nobody_is_called_by_where_they_come_from() -> None:
    banned = """
    african american arab asian black-american caucasian chinese ethnic european hispanic indian
    japanese jewish latin latina latino mexican mixed-race native race
    """
    assert not set(banned.split()) & set(WORDS)


def test_wordings_hold_no_word_but_those_of_captions() -> None:
    for name in FILES:
        for text in texts(wordings(name)):
            assert set(words_of(text)) <= set(WORDS)
            assert not set("{}") & set(text)

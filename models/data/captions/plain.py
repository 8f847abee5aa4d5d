"""Plain captions: one phrase for each thing, always the same words. Models are measured by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.attributes import HAIRLESS, HATS, NONE
from models.data.attributes import Attributes as Face
from models.data.captions.claims import WORLD, Claims, Picture, both, one, world_of
from models.data.captions.grammar import with_article

if TYPE_CHECKING:
    import numpy as np

    from models.data.landscapes.attributes import Attributes as Landscape

EYES = {
    "open": "open eyes", "happy": "smiling eyes", "sleep": "closed eyes", "wink": "winking eyes",
    "glasses": "glasses", "sunglasses": "sunglasses",
}  # fmt: skip
MOODS = {
    "smile": "smiling", "frown": "sad", "surprise": "surprised", "bigSmile": "laughing",
    "smirk": "smirking",
}  # fmt: skip
MOUTHS = {"lips": "red lips", "pacifier": "pacifier"}
SKIES = {"clouds": "clouds", "stars": "stars", "rainbow": "rainbow", "birds": "birds",
         "balloon": "hot-air balloon"}  # fmt: skip
TIMES = {"sunrise": "at sunrise", "day": "by day", "sunset": "at sunset", "night": "at night"}
WEATHERS = {"fog": "in the fog", "rain": "in the rain", "snowfall": "in falling snow"}

Parts = dict[str, tuple[str, Claims]]
"""Topic → its phrase without article, and what that claims."""


def parts(a: Picture) -> Parts:
    """Every plain phrase that is true of a picture."""
    return _face(a) if isinstance(a, Face) else _landscape(a)


def full_caption(a: Picture) -> str:
    """The sentence that names everything captioned about a picture."""
    return sentence(a, parts(a))


def claims_of(a: Picture, said: Parts) -> Claims:
    """What phrases claim together, the world among it."""
    return both(one(WORLD, world_of(a)), *(claims for _, claims in said.values()))


def draw(a: Picture, rng: np.random.Generator) -> tuple[str, Claims]:
    """Some of the phrases, as tags in a third of draws, else as a sentence."""
    known = parts(a)
    keep = 1.0 if rng.random() < 0.15 else 0.4 + 0.4 * rng.random()
    kept = [topic for topic in known if rng.random() < keep]
    said = {kept[i]: known[kept[i]] for i in rng.permutation(len(kept))}
    tags = said and rng.random() < 0.35
    text = ", ".join(p for p, _ in said.values()) if tags else sentence(a, said)
    return text, claims_of(a, said)


def sentence(a: Picture, said: Parts) -> str:
    """The phrases as one sentence."""
    phrases = {topic: phrase for topic, (phrase, _) in said.items()}
    return _person(phrases) if isinstance(a, Face) else _scene(phrases)


def _face(a: Face) -> Parts:
    out: Parts = {}
    color = "" if a.hair_color == NONE else f"{a.hair_color} "
    colored = {} if a.hair_color == NONE else one("hair_color", a.hair_color)
    style = one("hair", a.hair)
    if a.hair in HATS:
        out["hair"] = f"{a.hat_color} {a.hair}", both(style, one("hat_color", a.hat_color))
    elif a.hair in HAIRLESS:
        out["hair"] = a.hair, style
    else:
        out["hair"] = color + a.hair, both(style, colored)
    if a.facial_hair != NONE:
        # The head's hair already names the colour, unless none shows there.
        named = a.hair in HAIRLESS
        beard = one("facial_hair", a.facial_hair)
        phrase = (color if named else "") + a.facial_hair
        out["facial_hair"] = phrase, both(beard, colored if named else {})
    out["eyes"] = EYES[a.eyes], one("eyes", a.eyes)
    if a.mouth_visible:
        topic, phrases = ("mouth", MOUTHS) if a.mouth in MOUTHS else ("mood", MOODS)
        out[topic] = phrases[a.mouth], one("mouth", a.mouth)
    out["skin"] = f"{a.skin} skin", one("skin", a.skin)
    shirt = {} if a.garment == "shirt" else one("garment", a.garment)
    out["clothing"] = f"{a.cloth_color} {a.garment}", both(one("cloth_color", a.cloth_color), shirt)
    out["background"] = f"{a.background} background", one("background", a.background)
    return out


def _landscape(a: Landscape) -> Parts:
    out: Parts = {
        "land": (a.land, one("land", a.land)), "time": (TIMES[a.time], one("time", a.time)),
    }  # fmt: skip
    if a.fore != NONE:
        out["fore"] = a.fore, one("fore", a.fore)
    if a.object != NONE:
        out["object"] = a.object, one("object", a.object)
    if a.sky != NONE:
        out["sky"] = SKIES[a.sky], one("sky", a.sky)
    if a.weather in WEATHERS:
        out["weather"] = WEATHERS[a.weather], one("weather", a.weather)
    return out


def _person(phrases: dict[str, str]) -> str:
    mood = phrases.get("mood")
    text = with_article(f"{mood} person" if mood else "person")
    apart = ("mood", "clothing", "background")
    having = [with_article(p) for topic, p in phrases.items() if topic not in apart]
    if having:
        text += f" with {_list(having)}"
    if "clothing" in phrases:
        text += f", wearing {with_article(phrases['clothing'])}"
    if "background" in phrases:
        text += f", on {with_article(phrases['background'])}"
    return text


def _scene(phrases: dict[str, str]) -> str:
    text = with_article(phrases.get("land", "landscape"))
    if "time" in phrases:
        text += f" {phrases['time']}"
    apart = ("land", "time", "weather")
    having = [with_article(p) for topic, p in phrases.items() if topic not in apart]
    if having:
        text += f" with {_list(having)}"
    if "weather" in phrases:
        text += f", {phrases['weather']}"
    return text


def _list(items: list[str]) -> str:
    tail = f" and {items[-1]}" if len(items) > 1 else ""
    return ", ".join(items[: -1 if tail else None]) + tail

"""What can be said of a landscape, by topic: what it claims, when it is said, and how often.

The wordings are in ``landscapes.toml``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.captions.claims import both, one, other
from models.data.captions.forms import Forms, Meaning, Topics
from models.data.captions.wordings import wordings
from models.data.landscapes.attributes import NONE, PRECIPITATION, Attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TEXTS = wordings("landscapes")
NOUNS: Sequence[str] = _TEXTS["nouns"]
"""Words for the whole picture, where nothing else is its noun."""
MOODS: Sequence[str] = _TEXTS["moods"]
"""Words that go well with any landscape and claim nothing."""
ABSENT: Mapping[str, Forms] = _TEXTS["absent"]
"""What is not there → how that is said."""
GLOWS = {"sunrise": 0.2, "sunset": 0.25}
"""Times whose sky has a colour of its own → how often that is spoken of, beside the time."""


def topics(a: Attributes) -> Topics:
    """Everything that can be said of a landscape, by what it speaks of."""
    said = {
        "time": list(_time(a)),
        "land": list(_land(a)),
        "fore": list(_fore(a)),
        "object": list(_object(a)),
        "sky": list(_sky(a)),
        "weather": list(_weather(a)),
    }
    return {topic: meanings for topic, meanings in said.items() if meanings}


def _time(a: Attributes) -> Iterator[Meaning]:
    yield Meaning(one("time", a.time), _TEXTS["time"][a.time])
    if a.time == "day" and a.weather == "clear":
        yield Meaning(both(one("time", "day"), one("weather", "clear")), _TEXTS["sunny"])
    if a.time in GLOWS and a.weather not in PRECIPITATION:
        yield Meaning(one("time", a.time), _TEXTS["glow"][a.time], GLOWS[a.time])


def _land(a: Attributes) -> Iterator[Meaning]:
    yield Meaning(one("land", a.land), _named(_TEXTS["land"][a.land]))
    if a.land == "snowy mountains":
        mountains = one("land", "mountains", "snowy mountains")
        yield Meaning(mountains, _named(_TEXTS["land"]["mountains"]), 0.15)


def _fore(a: Attributes) -> Iterator[Meaning]:
    if a.fore != NONE:
        yield Meaning(one("fore", a.fore), _named(_TEXTS["fore"][a.fore]))


def _object(a: Attributes) -> Iterator[Meaning]:
    if a.object != NONE:
        forms = _named({**_TEXTS["object"][a.object], **_TEXTS["present"]})
        yield Meaning(one("object", a.object), _about(forms, a.object))
        return
    yield Meaning(one("object", NONE), ABSENT["everything"], 0.2)
    for name in _TEXTS["plurals"]:
        # "no trees" would be a lie about a forest, "no houses" about a city.
        if (name, a.land) not in {("tree", "forest"), ("house", "city")}:
            weight = 0.2 / len(_TEXTS["plurals"])
            yield Meaning(other("object", name), _about(ABSENT["object"], name), weight)


def _sky(a: Attributes) -> Iterator[Meaning]:
    if a.sky != NONE:
        yield Meaning(one("sky", a.sky), _TEXTS["sky"][a.sky])
        return
    if a.weather not in PRECIPITATION:
        unclouded = both(other("sky", "clouds"), other("weather", *PRECIPITATION))
        yield Meaning(unclouded, ABSENT["clouds"], 0.22)
    if a.weather == "clear":
        clear = both(one("sky", NONE, "stars"), one("weather", "clear"))
        yield Meaning(clear, ABSENT["sky"], 0.14)
    if a.time == "night":
        yield Meaning(other("sky", "stars"), ABSENT["stars"], 0.1)


def _weather(a: Attributes) -> Iterator[Meaning]:
    if a.weather != "clear":
        yield Meaning(one("weather", a.weather), _TEXTS["weather"][a.weather])
        return
    yield Meaning(other("weather", "rain"), ABSENT["rain"], 0.06)
    if a.fore != "snow" and a.land != "snowy mountains":
        dry = (other("weather", "snowfall"), other("fore", "snow"))
        yield Meaning(both(*dry, other("land", "snowy mountains")), ABSENT["snow"], 0.08)


def _named(forms: Forms) -> Forms:
    """With its names as what a picture is of, and as what is in it."""
    names = forms["names"]
    return {"head": names, "thing": names, **{r: t for r, t in forms.items() if r != "names"}}


def _about(forms: Forms, name: str) -> Forms:
    """With an object in place of ``{object}`` and several of it in place of ``{objects}``."""
    plural: str = _TEXTS["plurals"][name]
    return {
        role: [text.replace("{objects}", plural).replace("{object}", name) for text in texts]
        for role, texts in forms.items()
    }

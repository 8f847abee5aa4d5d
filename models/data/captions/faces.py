"""What can be said of a face, by topic: what it claims, when it is said, and how often.

The wordings are in ``faces.toml``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.attributes import HAIRLESS, HATS, NONE, Attributes
from models.data.captions.claims import both, one, other
from models.data.captions.forms import Forms, Meaning, Topics
from models.data.captions.wordings import wordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TEXTS = wordings("faces")
NOUNS: Mapping[str, Sequence[str]] = _TEXTS["nouns"]
"""Who may be meant → words for them."""
COLORS: Mapping[str, Mapping[str, Sequence[str]]] = _TEXTS["colors"]
"""What has a colour → the colour → words for it."""
ABSENT: Mapping[str, Forms] = _TEXTS["absent"]
"""What is not there → how that is said."""
GLASSES = ("glasses", "sunglasses")


def topics(a: Attributes) -> Topics:
    """Everything that can be said of a face, by the part that it speaks of."""
    said = {
        "hair": list(_hair(a)),
        "facial_hair": list(_facial_hair(a)),
        "eyes": list(_eyes(a)),
        "mouth": list(_mouth(a)),
        "skin": [Meaning(one("skin", a.skin), _TEXTS["skin"][a.skin])],
        "clothing": list(_clothing(a)),
        "background": [_background(a)],
    }
    return {topic: meanings for topic, meanings in said.items() if meanings}


def nouns(a: Attributes) -> list[str]:
    """Words for whoever is shown: no woman gets a beard, and no man lipstick."""
    men = [] if a.mouth == "lips" else NOUNS["man"]
    women = [] if a.facial_hair != NONE or a.hair == "bald head" else NOUNS["woman"]
    return [*NOUNS["anyone"], *men, *women]


def _hair(a: Attributes) -> Iterator[Meaning]:
    if a.hair in HATS:
        yield from _hat(a)
        return
    if a.hair == "bald head":
        yield Meaning(one("hair", a.hair), _TEXTS["bald"])
    else:
        yield from _styled_hair(a)
    yield Meaning(other("hair", *HATS), ABSENT["hat"], 0.15)


def _styled_hair(a: Attributes) -> Iterator[Meaning]:
    style, shown = one("hair", a.hair), other("hair", *HAIRLESS)
    color, colors = one("hair_color", a.hair_color), COLORS["hair"][a.hair_color]
    styles, colored = _TEXTS["hair"][a.hair], _TEXTS["hair_color"]
    yield Meaning(style, styles["colored"], 2.2).colored(colors, color)
    yield Meaning(style, styles["plain"], 1.1)
    yield Meaning(shown, colored["any"], 1.1).colored(colors, color)
    if a.hair_color in colored:
        yield Meaning(both(shown, color), colored[a.hair_color], 0.35)
    if a.hair_color in ("black", "brown"):
        yield Meaning(both(shown, one("hair_color", "black", "brown")), colored["dark"], 0.2)


def _hat(a: Attributes) -> Iterator[Meaning]:
    color, colors = one("hat_color", a.hat_color), COLORS["cloth"][a.hat_color]
    hats = _TEXTS["hat"]
    for claims, names, weight in (
        (one("hair", a.hair), hats["names"][a.hair], 1.0),
        (one("hair", *HATS), hats["names"]["any"], 0.6),
    ):
        clauses = [clause.replace("{hat}", names[0]) for clause in hats["clause"]]
        forms = {**_worn(names, "{c} {}"), "clause": clauses}
        yield Meaning(claims, forms, 2 * weight).colored(colors, color)
        yield Meaning(claims, _worn(names), weight)


def _facial_hair(a: Attributes) -> Iterator[Meaning]:
    if a.facial_hair == NONE:
        yield Meaning(one("facial_hair", NONE), ABSENT["facial_hair"], 0.22)
        yield Meaning(other("facial_hair", "mustache"), ABSENT["mustache"], 0.06)
        yield Meaning(other("facial_hair", "beard", "goatee"), ABSENT["beard"], 0.08)
        return
    claims, forms = one("facial_hair", a.facial_hair), _TEXTS["facial_hair"][a.facial_hair]
    yield Meaning(claims, forms["plain"])
    # Where the head shows no hair, nothing else tells this colour.
    colored = Meaning(claims, forms["colored"], 1.2 if a.hair in HAIRLESS else 0.3)
    yield colored.colored(COLORS["hair"][a.hair_color], one("hair_color", a.hair_color))


def _eyes(a: Attributes) -> Iterator[Meaning]:
    yield Meaning(one("eyes", a.eyes), _TEXTS["eyes"][a.eyes])
    if a.eyes not in GLASSES:
        yield Meaning(other("eyes", *GLASSES), ABSENT["glasses"], 0.3)
    elif a.eyes == "glasses":
        yield Meaning(other("eyes", "sunglasses"), ABSENT["sunglasses"], 0.1)


def _mouth(a: Attributes) -> Iterator[Meaning]:
    if not a.mouth_visible:
        return
    yield Meaning(one("mouth", a.mouth), _TEXTS["mouth"][a.mouth])
    if a.mouth in ("smile", "bigSmile"):
        yield Meaning(one("mouth", "smile", "bigSmile"), _TEXTS["glad"], 0.6)
    elif a.mouth != "smirk":
        yield Meaning(other("mouth", "smile", "bigSmile", "smirk"), ABSENT["smile"], 0.25)


def _clothing(a: Attributes) -> Iterator[Meaning]:
    color, colors = one("cloth_color", a.cloth_color), COLORS["cloth"][a.cloth_color]
    checks, tops = _TEXTS["garment"]["checkered shirt"], _TEXTS["garment"]["shirt"]
    checkered = a.garment == "checkered shirt"
    if checkered:
        claims, names = one("garment", a.garment), checks["names"]
        forms = {"phrase": checks["phrase"], **_worn(names, "{c} {}")}
        yield Meaning(claims, forms, 2.0).colored(colors, color)
        yield Meaning(claims, {**_worn(names), "phrase": [f"in a {name}" for name in names]})
    # Any garment may be called a shirt, so this claims its colour alone.
    worn = _worn(tops["names"], "{c} {}")
    worn["worn"] = [*worn["worn"], "{c}"]
    forms = {"phrase": tops["phrase"], "clause": tops["clause"], **worn}
    yield Meaning({}, forms, 0.5 if checkered else 2.0).colored(colors, color)


def _background(a: Attributes) -> Meaning:
    words = [*COLORS["cloth"][a.background], *COLORS["wall"][a.background]]
    return Meaning({}, _TEXTS["background"]).colored(words, one("background", a.background))


def _worn(names: Sequence[str], form: str = "{}") -> dict[str, Sequence[str]]:
    """What somebody wears, which may also be what they are with."""
    texts = [form.replace("{}", name) for name in names]
    return {"thing": texts, "worn": texts}

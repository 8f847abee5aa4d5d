"""How people speak of a face: for each topic, what is true of it and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.attributes import HAIRLESS, HATS, NONE, Attributes
from models.data.captions.claims import Claims, both, one, other
from models.data.captions.forms import Meaning, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PEOPLE = (
    "person", "person", "someone", "somebody", "human", "face", "portrait", "character", "kid",
    "child", "student", "teenager", "friend", "teacher", "student", "individual", "adult",
)  # fmt: skip
MEN = ("man", "man", "guy", "dude", "boy", "gentleman", "fellow", "bloke", "dad", "father", "lad",
       "brother", "grandfather")  # fmt: skip
WOMEN = ("woman", "woman", "girl", "lady", "gal", "mother", "mum", "mom", "female", "sister",
         "grandmother")  # fmt: skip

COLORS = {
    "black": ("black", "black", "black", "jet black", "raven"),
    "brown": ("brown", "brown", "dark brown", "light brown", "chestnut", "chocolate"),
    "blond": ("blond", "blonde", "blond", "blonde", "fair", "golden", "yellow"),
    "red": ("red", "red", "ginger", "bright red", "copper", "scarlet", "dark red"),
    "gray": ("gray", "grey", "silver", "greying", "light gray", "white"),
    "pink": ("pink", "pink", "hot pink", "bright pink", "light pink", "rosy"),
    "blue": ("blue", "blue", "dark blue", "light blue", "bright blue", "navy"),
    "green": ("green", "green", "bright green", "dark green", "emerald"),
}
"""Of hair."""
PAINTS = {
    "red": ("red", "red", "red", "bright red", "dark red", "crimson", "scarlet"),
    "orange": ("orange", "orange", "orange", "bright orange"),
    "yellow": ("yellow", "yellow", "yellow", "bright yellow", "golden"),
    "green": ("green", "green", "green", "dark green", "bright green", "emerald"),
    "blue": ("blue", "blue", "blue", "dark blue", "bright blue", "navy", "navy blue"),
    "purple": ("purple", "purple", "violet", "lilac", "dark purple"),
    "pink": ("pink", "pink", "pink", "hot pink", "bright pink", "magenta"),
    "white": ("white", "white", "white", "cream"),
    "black": ("black", "black", "black", "dark"),
    "gray": ("gray", "grey"),
}
"""Of cloth and walls."""
PALE = {
    "blue": ("light blue", "pale blue", "sky blue"), "green": ("light green", "pale green", "mint"),
    "yellow": ("light yellow", "pale yellow"), "orange": ("light orange", "peach"),
    "pink": ("light pink", "pale pink"), "purple": ("light purple", "lavender"),
    "gray": ("light gray", "light grey"), "white": ("plain white", "blank"),
}  # fmt: skip
"""Of walls, which are lighter than cloth."""

_CAP = "cap | cap | baseball cap"
_BEANIE = (
    "beanie | beanie | beanie hat | woolly hat | wool hat | knitted hat | winter hat | knit cap"
)
_HAT = "hat | hat | hat | headwear"

STYLES = {
    "long hair": "long hair | long hair | long locks | long straight hair | long flowing hair",
    "bob": "bob | bob | bob cut | bob haircut | bobbed hair | bob hairstyle",
    "side-swept hair": "side-swept hair | side swept hair | hair swept to the side | "
    "side parting | hair to one side",
    "short hair": "short hair | short hair | short haircut | cropped hair | short cut",
    "quiff": "quiff | quiff | pompadour | quiff hairstyle | fade haircut",
    "mohawk": "mohawk | mohawk | mohican | mohawk haircut | punk haircut | punk hair",
    "top knot": "top knot | topknot | top knot | man bun | knot on top of the head",
    "bun": "bun | bun | hair bun | hair in a bun | hair tied up | hair up | updo | chignon",
    "pigtails": "pigtails | pigtails | pig tails | bunches | two pigtails | two ponytails",
    "afro": "afro | afro | afro hair | big afro | round afro | afro hairstyle",
    "curly hair": "curly hair | curly hair | curls | wavy hair | curly locks",
    "thinning hair": "thinning hair | thinning hair | thin hair | receding hair | "
    "receding hairline | little hair left",
}
COLORED_STYLES = {
    "long hair": "{c} long hair | long {c} hair | long {c} hair | long {c} locks | "
    "long straight {c} hair | {c} hair that is long",
    "bob": "{c} bob | {c} bob | {c} bob cut | {c} bob haircut | bobbed {c} hair | {c} hair in a bob",
    "side-swept hair": "{c} side-swept hair | side-swept {c} hair | side swept {c} hair | "
    "{c} hair swept to the side",
    "short hair": "{c} short hair | short {c} hair | short {c} hair | cropped {c} hair | "
    "{c} short haircut | {c} hair cut short",
    "quiff": "{c} quiff | {c} quiff | {c} pompadour | {c} quiff hairstyle",
    "mohawk": "{c} mohawk | {c} mohawk | {c} mohican | {c} punk hair | {c} mohawk haircut",
    "top knot": "{c} top knot | {c} topknot | {c} man bun | {c} hair in a top knot",
    "bun": "{c} bun | {c} bun | {c} hair bun | {c} hair in a bun | {c} hair tied up | {c} updo",
    "pigtails": "{c} pigtails | {c} pigtails | {c} bunches | {c} hair in pigtails | two {c} pigtails",
    "afro": "{c} afro | {c} afro | {c} afro hair | big {c} afro | {c} hair in an afro",
    "curly hair": "{c} curly hair | curly {c} hair | curly {c} hair | {c} curls | wavy {c} hair | "
    "{c} locks that curl",
    "thinning hair": "{c} thinning hair | thinning {c} hair | thin {c} hair | receding {c} hair",
}
STYLE_ADJECTIVES = {
    "long hair": "long-haired", "short hair": "short-haired", "curly hair": "curly-haired | curly",
    "thinning hair": "balding | half bald",
}  # fmt: skip
COLOR_NOUNS = {"red": "redhead | redheaded | ginger", "blond": "blond | blonde | fair-haired",
               "brown": "brunette", "gray": "gray-haired | grey-haired"}  # fmt: skip
COLOR_CLAUSE = (
    "the hair is {c} | hair is {c} | whose hair is {c} | hair dyed {c} | hair that is {c} | "
    "hair colour {c} | hair color {c}"
)

EYES = {
    "open": meaning(one("eyes", "open"), thing="open eyes | open eyes | eyes open | wide open eyes",
                    clause="the eyes are open | eyes are open"),
    "happy": meaning(one("eyes", "happy"), thing="smiling eyes | happy eyes | laughing eyes",
                     clause="the eyes are smiling"),
    "sleep": meaning(one("eyes", "sleep"), thing="closed eyes | closed eyes | eyes closed | eyes shut",
                     adjective="sleeping | sleepy | asleep | tired | dozing",
                     clause="the eyes are closed | eyes are shut | who is asleep | who is sleeping"),
    "wink": meaning(one("eyes", "wink"), thing="winking eyes | wink | winking eye | one eye closed",
                    adjective="winking | winking", clause="who winks | who is winking"),
    "glasses": meaning(one("eyes", "glasses"), worn="glasses | glasses | spectacles | specs | eyeglasses",
                       thing="glasses | glasses | glasses | spectacles | specs | eyeglasses | "
                       "reading glasses | pair of glasses | glasses on",
                       adjective="bespectacled", clause="who wears glasses"),
    "sunglasses": meaning(one("eyes", "sunglasses"), worn="sunglasses | sunglasses | shades | dark glasses",
                          thing="sunglasses | sunglasses | sunglasses | shades | dark glasses | "
                          "pair of shades | sun glasses | sunglasses on | cool shades | sunnies",
                          clause="who wears sunglasses | who wears shades"),
}  # fmt: skip
_BARE = other("eyes", "glasses", "sunglasses")
NO_GLASSES = meaning(
    _BARE, thing="no glasses | no glasses | no specs", phrase="without glasses | without any glasses",
    clause="who wears no glasses | who does not wear glasses",
)  # fmt: skip
NO_SUNGLASSES = meaning(
    other("eyes", "sunglasses"), thing="no sunglasses | no shades", phrase="without sunglasses",
)  # fmt: skip

MOUTHS = {
    "smile": (
        meaning(one("mouth", "smile"), thing="smile | smile | little smile | friendly smile | smile on the face",
                adjective="smiling | smiling | smiling | friendly | pleased | content",
                clause="who smiles | who is smiling"),
    ),
    "frown": (
        meaning(one("mouth", "frown"), thing="frown | frown | sad face | sad mouth | bad mood",
                adjective="sad | sad | frowning | unhappy | gloomy | angry | grumpy | upset | cross | "
                "depressed | mad | serious", clause="who frowns | who is sad | who looks angry | who looks sad"),
    ),
    "surprise": (
        meaning(one("mouth", "surprise"), thing="open mouth | mouth open | surprised look | round mouth",
                adjective="surprised | surprised | shocked | astonished | amazed | stunned | scared | singing",
                clause="who is surprised | who looks surprised | the mouth is open"),
    ),
    "bigSmile": (
        meaning(one("mouth", "bigSmile"), thing="big smile | broad smile | big grin | grin | wide smile | laugh | "
                "toothy smile | wide grin", adjective="laughing | laughing | grinning | very happy | joyful | "
                "excited | delighted", clause="who laughs | who is laughing | who grins"),
    ),
    "smirk": (
        meaning(one("mouth", "smirk"), thing="smirk | smirk | half smile | crooked smile",
                adjective="smirking | smirking | smug | sly | cheeky | mischievous", clause="who smirks"),
    ),
    "lips": (
        meaning(one("mouth", "lips"), thing="red lips | red lips | lips | lipstick | red lipstick | painted lips | full lips",
                worn="lipstick | red lipstick", clause="the lips are red | lips are red"),
    ),
    "pacifier": (
        meaning(one("mouth", "pacifier"), thing="pacifier | pacifier | dummy | soother | pacifier in the mouth",
                clause="who sucks a pacifier"),
    ),
}  # fmt: skip
_GLAD = one("mouth", "smile", "bigSmile")
GLAD = meaning(_GLAD, 0.6, adjective="happy | happy | happy | cheerful | glad | jolly | merry",
               thing="happy face | happy look", clause="who is happy | who looks happy")  # fmt: skip
NOT_GLAD = meaning(other("mouth", "smile", "bigSmile", "smirk"), 0.25, phrase="not smiling | without a smile",
                   thing="no smile")  # fmt: skip

SKINS = {
    "light": meaning(one("skin", "light"), thing="light skin | light skin | pale skin | fair skin | white skin",
                     adjective="light-skinned | pale | fair-skinned | pale-skinned", clause="the skin is light | skin is pale"),
    "tan": meaning(one("skin", "tan"), thing="tan skin | tan skin | tanned skin | olive skin",
                   adjective="tanned | tan | suntanned", clause="the skin is tan | skin is tanned"),
    "brown": meaning(one("skin", "brown"), thing="brown skin | brown skin | medium brown skin",
                     adjective="brown-skinned", clause="the skin is brown | skin is brown"),
    "dark": meaning(one("skin", "dark"), thing="dark skin | dark skin | black skin | deep brown skin | very dark skin",
                    adjective="dark-skinned | black", clause="the skin is dark | skin is dark"),
}  # fmt: skip

FACIAL_HAIR = {
    "beard": meaning(one("facial_hair", "beard"), thing="beard | beard | full beard | bushy beard | big beard",
                     adjective="bearded | bearded", clause="who has a beard"),
    "mustache": meaning(one("facial_hair", "mustache"), thing="mustache | moustache | mustache | moustache | tache",
                        clause="who has a mustache | who has a moustache"),
    "goatee": meaning(one("facial_hair", "goatee"), thing="goatee | goatee | goatee beard | chin beard | small beard | little beard",
                      clause="who has a goatee"),
}  # fmt: skip
COLORED_FACIAL_HAIR = {
    "beard": "{c} beard | {c} beard | full {c} beard | bushy {c} beard",
    "mustache": "{c} mustache | {c} moustache",
    "goatee": "{c} goatee | {c} goatee | {c} chin beard",
}
SHAVEN = meaning(
    one("facial_hair", NONE), 0.22, adjective="clean-shaven | clean shaven | shaved | beardless",
    thing="no beard | no beard | no facial hair", phrase="without a beard | without beard | without facial hair",
)  # fmt: skip
NO_MUSTACHE = meaning(
    other("facial_hair", "mustache"), 0.06, thing="no mustache | no moustache",
    phrase="without a mustache | without a moustache",
)  # fmt: skip
NO_BEARD = meaning(
    other("facial_hair", "beard", "goatee"), 0.08, thing="no beard", phrase="without a beard"
)

BALD = meaning(
    one("hair", "bald head"), adjective="bald | bald | bald | hairless | bald-headed",
    thing="bald head | bald head | shaved head | no hair | no hair at all | bare head",
    phrase="without hair | without any hair", clause="who is bald | who has no hair",
)  # fmt: skip

TOPS = ("shirt | shirt | t-shirt | tee | tee shirt | top | sweater | jumper | pullover | dress | "
        "hoodie | blouse | sweatshirt | clothes | jacket")  # fmt: skip
CHECKS = ("checkered shirt | checkered shirt | checked shirt | chequered shirt | plaid shirt | "
          "check shirt | tartan shirt | lumberjack shirt | flannel shirt")  # fmt: skip


def _each(texts: str, form: str = "{}") -> str:
    return " | ".join(form.format(text.strip()) for text in texts.split("|"))


def topics(a: Attributes) -> dict[str, list[Meaning]]:
    """Everything that can be said of a face, by the part that it speaks of."""
    said = {
        "hair": list(_hair(a)),
        "facial_hair": list(_facial_hair(a)),
        "eyes": list(_eyes(a)),
        "mouth": list(_mouth(a)),
        "skin": [SKINS[a.skin]],
        "clothing": list(_clothing(a)),
        "background": [_background(a)],
    }
    return {topic: meanings for topic, meanings in said.items() if meanings}


def nouns(a: Attributes) -> tuple[str, ...]:
    """Words for whoever is shown: no woman gets a beard, and no man lipstick."""
    women = () if a.facial_hair != NONE or a.hair == "bald head" else WOMEN
    men = () if a.mouth == "lips" else MEN
    return PEOPLE + men + women


def _hair(a: Attributes) -> Iterator[Meaning]:
    if a.hair in HATS:
        yield from _hat(a)
    elif a.hair == "bald head":
        yield BALD
    else:
        color = one("hair_color", a.hair_color)
        style = one("hair", a.hair)
        words = COLORS[a.hair_color]
        shown = other("hair", *HAIRLESS)
        yield meaning(style, 2.2, thing=COLORED_STYLES[a.hair]).colored(words, color)
        adjective = {"adjective": STYLE_ADJECTIVES[a.hair]} if a.hair in STYLE_ADJECTIVES else {}
        yield meaning(style, 1.1, thing=STYLES[a.hair], **adjective)
        colored = meaning(
            shown, 1.1, thing="{c} hair | {c} hair | {c} hair | {c} coloured hair | {c} colored hair",
            adjective="{c}-haired", clause=COLOR_CLAUSE,
        )  # fmt: skip
        yield colored.colored(words, color)
        if a.hair_color in COLOR_NOUNS:
            yield meaning(both(shown, color), 0.35, adjective=COLOR_NOUNS[a.hair_color])
        if a.hair_color in ("black", "brown"):
            dark = one("hair_color", "black", "brown")
            yield meaning(
                both(shown, dark), 0.2, thing="dark hair | dark hair", adjective="dark-haired"
            )
    if a.hair not in HATS:
        yield meaning(other("hair", *HATS), 0.15, thing="no hat | no cap | no headwear",
                      phrase="without a hat | without a cap")  # fmt: skip


def _hat(a: Attributes) -> Iterator[Meaning]:
    words, color = PAINTS[a.hat_color], one("hat_color", a.hat_color)
    for claims, names, weight in (
        (one("hair", a.hair), _CAP if a.hair == "cap" else _BEANIE, 1.0),
        (one("hair", *HATS), _HAT, 0.6),
    ):
        roles = {"thing": _each(names, "{{c}} {}"), "worn": _each(names, "{{c}} {}")}
        short = names.split("|")[0].strip()
        roles["clause"] = (
            f"the {short} is {{c}} | whose {short} is {{c}} | the colour of the {short} is {{c}}"
        )
        yield meaning(claims, 2 * weight, **roles).colored(words, color)
        yield meaning(claims, weight, thing=names, worn=names)


def _facial_hair(a: Attributes) -> Iterator[Meaning]:
    if a.facial_hair == NONE:
        yield SHAVEN
        yield NO_MUSTACHE
        yield NO_BEARD
        return
    yield FACIAL_HAIR[a.facial_hair]
    colored = meaning(one("facial_hair", a.facial_hair), 1.2 if a.hair in HAIRLESS else 0.3,
                      thing=COLORED_FACIAL_HAIR[a.facial_hair])  # fmt: skip
    yield colored.colored(COLORS[a.hair_color], one("hair_color", a.hair_color))


def _eyes(a: Attributes) -> Iterator[Meaning]:
    yield EYES[a.eyes]
    if a.eyes not in ("glasses", "sunglasses"):
        yield Meaning(NO_GLASSES.claims, NO_GLASSES.forms, 0.3)
    elif a.eyes == "glasses":
        yield Meaning(NO_SUNGLASSES.claims, NO_SUNGLASSES.forms, 0.1)


def _mouth(a: Attributes) -> Iterator[Meaning]:
    if not a.mouth_visible:
        return
    yield from MOUTHS[a.mouth]
    if a.mouth in ("smile", "bigSmile"):
        yield GLAD
    elif a.mouth != "smirk":
        yield NOT_GLAD


def _clothing(a: Attributes) -> Iterator[Meaning]:
    words, color = PAINTS[a.cloth_color], one("cloth_color", a.cloth_color)
    if a.garment == "checkered shirt":
        checks = one("garment", a.garment)
        roles = {"thing": _each(CHECKS, "{{c}} {}"), "worn": _each(CHECKS, "{{c}} {}")}
        yield meaning(checks, 2.0, phrase="in a {c} checkered shirt | in a {c} plaid shirt",
                      **roles).colored(words, color)  # fmt: skip
        yield meaning(checks, 1.0, thing=CHECKS, worn=CHECKS, phrase=_each(CHECKS, "in a {}"))
    weight = 0.5 if a.garment == "checkered shirt" else 2.0
    plain: Claims = {}
    roles = {"thing": _each(TOPS, "{{c}} {}"), "worn": _each(TOPS, "{{c}} {}") + " | {c}"}
    yield meaning(
        plain, weight, phrase="in a {c} shirt | in {c} | dressed in {c} | in a {c} top | in a {c} sweater | "
        "in a {c} dress | in {c} clothes", clause="the shirt is {c} | whose shirt is {c} | shirt is {c} | "
        "the sweater is {c} | the top is {c} | the clothes are {c}", **roles,
    ).colored(words, color)  # fmt: skip


def _background(a: Attributes) -> Meaning:
    background: Mapping[str, str] = {
        "thing": "{c} background | {c} background | {c} backdrop | {c} wall",
        "phrase": "on a {c} background | on a {c} background | on {c} | in front of a {c} wall | "
        "in front of a {c} background | against a {c} wall | against a {c} background | against {c} | "
        "with a {c} background | with a {c} wall behind | before a {c} background | {c} behind | "
        "and {c} in the background | with {c} in the background",
        "clause": "the background is {c} | background is {c} | the wall is {c} | "
        "the wall behind is {c} | background {c} | make the background {c}",
    }
    words = PAINTS[a.background] + PALE[a.background]
    return meaning({}, **background).colored(words, one("background", a.background))

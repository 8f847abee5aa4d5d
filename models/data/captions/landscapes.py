"""How people speak of a landscape: for each topic, what is true of it and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.captions.claims import both, one, other
from models.data.captions.forms import Meaning, meaning
from models.data.landscapes.attributes import NONE, PRECIPITATION, Attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENES = (
    "landscape",
    "landscape",
    "scene",
    "view",
    "scenery",
    "place",
    "panorama",
    "day",
    "nature",
)
"""Words for the whole picture where nothing else is its noun."""

TIMES = {
    "sunrise": meaning(
        one("time", "sunrise"), head="sunrise | sunrise | dawn | morning | early morning | daybreak | rising sun",
        phrase="at sunrise | at sunrise | at dawn | in the morning | in the early morning | early in the morning | "
        "at daybreak | as the sun rises | when the sun comes up | in the first light | while the sun is rising",
        clause="it is dawn | the sun is rising | the sun rises | it is early morning | its sunrise | time of day sunrise",
        thing="sunrise | sunrise | dawn | morning | early morning | morning light | rising sun",
    ),
    "day": meaning(
        one("time", "day"), head="sunny day | day | daytime | bright day | sunny afternoon",
        adjective="sunny | sunny | bright | sunlit",
        phrase="by day | during the day | in the daytime | in daylight | at noon | at midday | in the afternoon | "
        "on a sunny day | on a bright day | in the sun | in sunshine | under a blue sky | in broad daylight",
        clause="it is day | the sun shines | the sun is shining | it is noon | it is a sunny day",
        thing="daylight | day | daytime | noon | midday | sunny day | sunshine | blue sky | afternoon | summer day",
    ),
    "sunset": meaning(
        one("time", "sunset"), head="sunset | sunset | sunset | dusk | evening | sundown | setting sun | twilight",
        phrase="at sunset | at sunset | at dusk | in the evening | in the evening light | at sundown | "
        "as the sun sets | as the sun goes down | when the sun sets | during sunset | at twilight | "
        "while the sun is setting | under a red sky",
        clause="it is evening | the sun is setting | the sun sets | the sun goes down | its sunset | it is dusk",
        thing="sunset | sunset | sunset | dusk | evening | sundown | setting sun | red sky | evening sky | golden hour",
    ),
    "night": meaning(
        one("time", "night"), head="night | night | midnight | moonlit night | dark night | moonlight",
        adjective="moonlit | dark | nightly | nocturnal",
        phrase="at night | at night | at midnight | by night | in the dark | in the moonlight | under the moon | "
        "late at night | in the middle of the night | by moonlight | during the night",
        clause="it is night | it is dark | the moon shines | the moon is out | it is midnight | its night",
        thing="night | night | midnight | moonlight | moon | dark sky | nighttime | night sky | darkness",
    ),
}  # fmt: skip
ORANGE_SKY = meaning(one("time", "sunset"), 0.25, thing="orange sky | crimson sky | purple sky | fiery sky | glowing sky",
                     phrase="under an orange sky")  # fmt: skip
PINK_SKY = meaning(
    one("time", "sunrise"), 0.2, thing="pink sky | pale sky | rosy sky", phrase="under a pink sky"
)

_PEAKS = ("mountains | mountains | mountains | mountain | peaks | alps | mountain range | rocky mountains | "
          "high mountains | tall mountains | mountain peaks | cliffs")  # fmt: skip
_SNOWY = ("snowy mountains | snowy mountains | snow-capped peaks | snow-capped mountains | snowy peaks | white summits | "
          "snow capped mountains | snow covered mountains | mountains with snow | white peaks | mountains covered in snow | "
          "snow on the mountains | icy mountains | snow topped mountains")  # fmt: skip
LANDS = {
    "mountains": (_PEAKS, one("land", "mountains")),
    "snowy mountains": (_SNOWY, one("land", "snowy mountains")),
    "hills": ("hills | hills | rolling hills | green hills | hill | hillside | gentle hills | hilly land", one("land", "hills")),
    "desert": ("desert | desert | dunes | sand dunes | sandy desert | desert dunes | sahara | dry desert | endless sand",
               one("land", "desert")),
    "forest": ("forest | forest | woods | woodland | pine forest | pines | trees | pine trees | firs | deep forest | "
               "wood | many trees | dark forest | jungle", one("land", "forest")),
    "city": ("city | city | skyline | city skyline | skyscrapers | town | big city | buildings | tall buildings | "
             "towers | downtown | metropolis | cityscape", one("land", "city")),
    "sea": ("sea | sea | ocean | open sea | the sea | ocean horizon | seascape | wide ocean | deep blue sea | waves",
            one("land", "sea")),
}  # fmt: skip
LAND_PHRASES = {
    "mountains": "in the mountains | in the alps | before mountains | with mountains behind | in front of mountains | "
    "and mountains in the background | with mountains in the background | below the peaks",
    "snowy mountains": "in front of snowy mountains | with snowy mountains behind | below snowy peaks | "
    "with snow on the mountains | and snow-capped peaks in the background | under snowy mountains",
    "hills": "in the hills | among the hills | on a hill | with hills behind | in front of green hills | in hilly land",
    "desert": "in the desert | in the desert | among the dunes | with dunes | in the sahara",
    "forest": "in the forest | in the woods | by the forest | in front of a forest | among the trees | near the woods | "
    "with a forest behind | at the edge of the forest | surrounded by trees",
    "city": "in the city | near the city | outside the city | with a skyline | in front of a city | "
    "with a city behind | before the skyline | in town | near a town",
    "sea": "by the sea | on the sea | on the ocean | at sea | by the ocean | at the seaside | out at sea | "
    "on the open sea | near the ocean | with a view of the sea",
}
ANY_MOUNTAINS = one("land", "mountains", "snowy mountains")

FORES = {
    "lake": ("lake | lake | pond | mountain lake | blue lake | small lake | calm lake | lagoon | water",
             "by a lake | at a lake | near a lake | by the lake | with a lake in front | beside a pond | at the pond | "
             "on a lake | next to a lake | by the water"),
    "meadow": ("meadow | meadow | grass | field | green field | grassland | pasture | green meadow | lawn | "
               "green grass | grassy field | green fields",
               "on a meadow | in a meadow | in a field | in the grass | on the grass | with a meadow in front | "
               "in a green field | across the fields"),
    "snow": ("snow | snow | winter | snow on the ground | snowy ground | snowy field | white snow | deep snow | "
             "snow covered ground | winter landscape | snowy landscape | fresh snow | ice",
             "in the snow | in winter | in the winter | covered in snow | with snow on the ground | on the snow | "
             "under snow | in deep snow"),
    "beach": ("beach | beach | shore | sandy beach | coast | sandy shore | seashore | seaside | sand beach",
              "on the beach | at the beach | on a beach | on the shore | by the shore | at the coast | by the seaside | "
              "along the beach | with a beach in front"),
    "river": ("river | river | stream | creek | brook | winding river | small river | little stream",
              "by a river | at a river | by the river | along a river | near a stream | with a river flowing through | "
              "beside a stream | on a river | on the river"),
    "road": ("road | road | path | street | track | trail | winding road | long road | highway | footpath | country road | lane",
             "by a road | at the road | by the street | along a road | along a path | with a road leading there | "
             "at the end of a road | beside the road | on the road"),
}  # fmt: skip

OBJECTS = {
    "house": "house | house | cottage | cabin | hut | little house | small house | home | farmhouse | wooden cabin | "
    "old house | log cabin | building | lonely house",
    "tree": "tree | tree | lone tree | single tree | big tree | lonely tree | one tree | old tree | oak",
    "boat": "boat | boat | sailboat | sailing boat | ship | sailing ship | small boat | sail boat | yacht | "
    "boat with a white sail | little boat",
    "tent": "tent | tent | camp | campsite | camping tent | small tent | camping | tipi",
    "windmill": "windmill | windmill | mill | old windmill | wind mill | old mill",
    "lighthouse": "lighthouse | lighthouse | light house | lighthouse tower | red and white lighthouse | beacon",
    "campfire": "campfire | campfire | fire | bonfire | camp fire | burning fire | open fire | flames",
}
_PLURALS = {"house": "houses", "tree": "trees", "boat": "boats", "tent": "tents", "windmill": "windmills",
            "lighthouse": "lighthouses", "campfire": "fires"}  # fmt: skip

SKIES = {
    "clouds": meaning(
        one("sky", "clouds"), thing="clouds | clouds | white clouds | some clouds | few clouds | cloudy sky | clouds in the sky | "
        "fluffy clouds | lots of clouds", adjective="cloudy | cloudy | overcast",
        phrase="under clouds | under a cloudy sky | on a cloudy day | with clouds above | with clouds in the sky",
        clause="it is cloudy | there are clouds | clouds in the sky | the sky is cloudy"),
    "stars": meaning(
        one("sky", "stars"), thing="stars | stars | starry sky | starry night | many stars | star filled sky | bright stars | "
        "stars in the sky | night sky full of stars", adjective="starry | starlit",
        phrase="under the stars | under a starry sky | with stars | full of stars | with many stars above | beneath the stars | "
        "in a starry night", clause="the stars are out | there are stars | the sky is full of stars | stars shine"),
    "rainbow": meaning(
        one("sky", "rainbow"), thing="rainbow | rainbow | rainbow in the sky | colourful rainbow | big rainbow | rainbow above",
        phrase="under a rainbow | with a rainbow above | with a rainbow in the sky | and a rainbow over it",
        clause="there is a rainbow | a rainbow is in the sky"),
    "birds": meaning(
        one("sky", "birds"), thing="birds | birds | gulls | seagulls | flying birds | flock of birds | birds in the sky | bird | some birds",
        phrase="with birds in the sky | with birds flying | with birds overhead | with gulls above",
        clause="birds are flying | birds fly | there are birds | birds fly over it"),
    "balloon": meaning(
        one("sky", "balloon"), thing="hot-air balloon | hot air balloon | balloon | balloon | air balloon | balloon in the sky | "
        "flying balloon | colourful balloon", phrase="with a balloon in the sky | under a balloon | with a balloon above | "
        "with a hot air balloon flying by", clause="a balloon flies | there is a balloon | a balloon is in the sky"),
}  # fmt: skip
_UNCLOUDED = both(other("sky", "clouds"), other("weather", *PRECIPITATION))
NO_CLOUDS = meaning(_UNCLOUDED, 0.22, thing="no clouds | no clouds", phrase="without clouds | without any clouds | without a cloud",
                    adjective="cloudless", clause="there are no clouds")  # fmt: skip
CLEAR_SKY = meaning(both(one("sky", NONE, "stars"), one("weather", "clear")), 0.14, thing="clear sky | empty sky",
                    phrase="under a clear sky | with a clear sky", adjective="clear")  # fmt: skip
NO_STARS = meaning(other("sky", "stars"), 0.1, thing="no stars", phrase="without stars")
NO_RAIN = meaning(other("weather", "rain"), 0.06, thing="no rain", phrase="without rain")
NO_SNOW = meaning(both(other("weather", "snowfall"), other("fore", "snow"), other("land", "snowy mountains")), 0.08,
                  thing="no snow", phrase="without snow")  # fmt: skip

WEATHERS = {
    "fog": meaning(
        one("weather", "fog"), thing="fog | fog | mist | haze | thick fog | morning mist | foggy weather",
        adjective="foggy | foggy | misty | hazy", phrase="in the fog | in fog | in the mist | in thick fog | on a foggy day | "
        "hidden in mist | covered in fog", clause="it is foggy | there is fog | fog everywhere | it is misty"),
    "rain": meaning(
        one("weather", "rain"), thing="rain | rain | heavy rain | bad weather | drizzle | storm | rainy weather | raindrops | shower",
        adjective="rainy | rainy | stormy | wet", phrase="in the rain | in the rain | on a rainy day | while it rains | "
        "in bad weather | in heavy rain | in a storm", clause="it is raining | it rains | its raining | rain is falling"),
    "snowfall": meaning(
        one("weather", "snowfall"), thing="snowfall | snowfall | falling snow | snowflakes | snowstorm | blizzard | snow falling",
        adjective="snowing", phrase="while it snows | in falling snow | in a snowstorm | in a blizzard | with snow falling | "
        "in heavy snowfall", clause="it is snowing | it snows | its snowing | snow is falling | snow falls"),
}  # fmt: skip

MOODS = ("beautiful", "peaceful", "calm", "quiet", "lonely", "cold", "warm", "pretty", "nice", "lovely", "wide", "huge",
         "old", "little", "small", "big", "great", "wonderful", "silent", "simple", "romantic")  # fmt: skip
"""Words that go well with any landscape and claim nothing."""


def topics(a: Attributes) -> dict[str, list[Meaning]]:
    """Everything that can be said of a landscape, by what it speaks of."""
    said = {
        "time": list(_time(a)),
        "land": list(_land(a)),
        "fore": [_fore(a)] if a.fore != NONE else [],
        "object": list(_object(a)),
        "sky": list(_sky(a)),
        "weather": list(_weather(a)),
    }
    return {topic: meanings for topic, meanings in said.items() if meanings}


def _time(a: Attributes) -> Iterator[Meaning]:
    yield TIMES[a.time]
    if a.time == "sunset" and a.weather not in PRECIPITATION:
        yield ORANGE_SKY
    if a.time == "sunrise" and a.weather not in PRECIPITATION:
        yield PINK_SKY


def _land(a: Attributes) -> Iterator[Meaning]:
    names, claims = LANDS[a.land]
    yield meaning(claims, 1.0, head=names, thing=names, phrase=LAND_PHRASES[a.land])
    if a.land == "snowy mountains":
        names, phrases = LANDS["mountains"][0], LAND_PHRASES["mountains"]
        yield meaning(ANY_MOUNTAINS, 0.15, head=names, thing=names, phrase=phrases)


def _fore(a: Attributes) -> Meaning:
    names, phrases = FORES[a.fore]
    return meaning(one("fore", a.fore), 1.0, head=names, thing=names, phrase=phrases)


def _object(a: Attributes) -> Iterator[Meaning]:
    if a.object != NONE:
        names = OBJECTS[a.object]
        first = names.split("|")[0].strip()
        clause = f"there is a {first} | a {first} stands there | a {first} is there | put a {first} there"
        yield meaning(one("object", a.object), 1.0, head=names, thing=names, clause=clause)
        return
    yield meaning(one("object", NONE), 0.2, adjective="empty | empty | deserted | bare | lonely",
                  clause="nothing else | there is nothing else | nobody there")  # fmt: skip
    for name, plural in _PLURALS.items():
        # "no trees" would be a lie about a forest, "no houses" about a city.
        if (name, a.land) not in {("tree", "forest"), ("house", "city")}:
            yield meaning(other("object", name), 0.2 / len(_PLURALS), phrase=f"without a {name} | without {plural}",
                          thing=f"no {name} | no {plural}")  # fmt: skip


def _sky(a: Attributes) -> Iterator[Meaning]:
    if a.sky != NONE:
        yield SKIES[a.sky]
        return
    if a.weather not in PRECIPITATION:
        yield NO_CLOUDS
    if a.weather == "clear":
        yield CLEAR_SKY
    if a.time == "night":
        yield NO_STARS


def _weather(a: Attributes) -> Iterator[Meaning]:
    if a.weather != "clear":
        yield WEATHERS[a.weather]
        return
    yield NO_RAIN
    if a.fore != "snow" and a.land != "snowy mountains":
        yield NO_SNOW

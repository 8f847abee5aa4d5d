"""Words that mean the same, or nearly: what a new word begins as when a trained model learns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

SYNONYMS = {
    "person": "human someone somebody man woman guy lady girl boy kid dude child student teenager friend teacher "
    "individual adult gentleman fellow bloke dad father lad brother grandfather gal mother mum mom female sister "
    "grandmother face portrait character he she they",
    "wearing": "wears wear dressed",
    "with": "has having have got plus",
    "and": "also",
    "on": "against before",
    "gray": "grey silver greying",
    "blond": "blonde fair golden",
    "red": "ginger copper scarlet crimson redhead redheaded",
    "brown": "brunette chestnut chocolate",
    "black": "raven jet",
    "blue": "navy",
    "green": "emerald mint",
    "pink": "magenta rosy",
    "purple": "violet lilac lavender",
    "orange": "peach",
    "white": "cream blank",
    "light": "pale",
    "tan": "tanned suntanned olive",
    "cap": "baseball hat headwear",
    "beanie": "woolly wool knitted knit",
    "bald": "hairless shaved bare",
    "curly": "curls wavy curl",
    "pigtails": "bunches ponytails pig",
    "bob": "bobbed",
    "bun": "updo chignon",
    "mohawk": "mohican punk",
    "quiff": "pompadour",
    "knot": "topknot",
    "short": "cropped",
    "long": "flowing straight",
    "thinning": "thin receding balding",
    "hair": "locks haired",
    "beard": "bearded bushy",
    "mustache": "moustache tache",
    "glasses": "spectacles specs eyeglasses bespectacled",
    "sunglasses": "shades sunnies",
    "closed": "shut sleeping sleepy asleep dozing tired",
    "winking": "wink winks",
    "smiling": "smile smiles friendly pleased content happy glad cheerful jolly merry",
    "sad": "frown frowning frowns unhappy gloomy angry grumpy upset cross depressed mad serious",
    "surprised": "shocked astonished amazed stunned scared singing",
    "laughing": "laugh laughs grin grinning grins joyful excited delighted toothy",
    "smirking": "smirk smirks smug sly cheeky mischievous crooked",
    "lips": "lipstick",
    "pacifier": "dummy soother",
    "skin": "skinned",
    "shirt": "tee top sweater jumper pullover dress hoodie blouse sweatshirt clothes jacket",
    "checkered": "checked chequered plaid check tartan lumberjack flannel",
    "background": "backdrop wall behind",
}
"""Word → others that stand for it."""


def grown(rows: Tensor, known: Sequence[str], words: Sequence[str]) -> Tensor:
    """An embedding's rows for more words than it knew.

    A word that was known keeps its row and a synonym of one begins with that one's; any other
    begins at random, spread as the known are.

    Args:
        rows: [len(known), d].
        known: the words of the rows.
        words: those of the new rows; what they share with ``known`` may stand elsewhere.

    Returns:
        [len(words), d].
    """
    place = {word: i for i, word in enumerate(known)}
    for word, others in SYNONYMS.items():
        for other in others.split():
            if word in place:
                place.setdefault(other, place[word])
    spread = torch.Generator().manual_seed(0)
    out = torch.randn(len(words), rows.shape[1], generator=spread) * rows.std()
    for i, word in enumerate(words):
        if word in place:
            out[i] = rows[place[word]]
    return out

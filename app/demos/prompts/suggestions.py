"""What a model draws, and prompts to try with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.data.fashion import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.context import Context

SUGGESTIONS = {
    "landscapes": (
        "a sunset over mountains",
        "a lighthouse by the sea at night",
        "a cabin in the snow under the stars",
        "draw me a boat on a lake at dawn, please",
        "a hot-air balloon over green hills",
    ),
    "faces": (
        "a laughing kid with a red afro and shades",
        "a girl with long blonde hair",
        "no glasses, blue cap",
        "a redhead with shades",
        "a sad guy in a green beanie, yellow background",
    ),
    "fashion": CLASSES,
}
"""World → prompts as people say them; the first is the one that Plays begin with."""
FACE, LANDSCAPE = SUGGESTIONS["faces"][0], SUGGESTIONS["landscapes"][0]


def worlds(context: Context, model: str) -> tuple[str, ...]:
    """The data sets whose pictures a model draws, as its card has them; none without a card."""
    card = context.card(model)
    return tuple(card.get("worlds") or [card[key] for key in ("dataset",) if key in card])


def suggestions(drawn: Iterable[str]) -> tuple[str, ...]:
    """Prompts for a model of these worlds, in turn from each."""
    chosen = [SUGGESTIONS[world] for world in SUGGESTIONS if world in set(drawn)]
    longest = max(map(len, chosen), default=0)
    return tuple(
        prompts[place] for place in range(longest) for prompts in chosen if place < len(prompts)
    )


def as_faces(context: Context, model: str) -> dict[str, Any]:
    """What a model is asked where all draw faces: one that knows more is told so, unguided."""
    others = set(worlds(context, model)) - {"faces"}
    return {"prompt": "a person", "guidance_scale": 1.0} if others else {}

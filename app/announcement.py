"""What the server says when it listens: where it is, and the presenter's link."""

from __future__ import annotations

from collections.abc import Sequence

from app.settings import Settings


def announcement(listening: Sequence[str], settings: Settings, key: str) -> str:
    """Two lines for the terminal.

    Args:
        listening: addresses at which the server listens.
        key: the presenter's.
    """
    places = [place + settings.root_path for place in listening]
    if settings.public_origin:
        places.insert(0, settings.public_origin + settings.root_path)
    return f"The deck is at {' and '.join(places)}\nPresenting: {places[0]}/presenter?key={key}"

"""Plays: computed, drawn and rendered once for all who ask for the same.

In a lecture three hundred laptops follow the presenter's link, seed and all. This is the only place
where equal requests are shared: the engine computes what it is asked for.
"""

from app.plays.play import Event, Play, Reader
from app.plays.plays import Plays, get_plays

__all__ = ["Event", "Play", "Plays", "Reader", "get_plays"]

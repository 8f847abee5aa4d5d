"""Who is trained side by side, one wave after the other, and for what share of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Wave = tuple[str, ...]


def waves(needs: Mapping[str, Sequence[str]]) -> list[Wave]:
    """The models in waves: each in the first one that follows all it needs.

    Args:
        needs: model → those it needs, each model after them. Only those that are models here are
            waited for.
    """
    level: dict[str, int] = {}
    for name, others in needs.items():
        level[name] = max((level[other] + 1 for other in others if other in needs), default=0)
    return [
        tuple(name for name in needs if level[name] == i)
        for i in range(max(level.values(), default=-1) + 1)
    ]


def share(following: Sequence[Wave], minutes: Mapping[str, float]) -> float:
    """How much of the time that is left is the first wave's, 0 … 1.

    Waves share it in proportion to the longest recipe of each.

    Args:
        following: the wave that begins, and those after it.
        minutes: model → what its recipe takes.
    """
    longest = [max(minutes[name] for name in wave) for wave in following]
    return longest[0] / sum(longest)

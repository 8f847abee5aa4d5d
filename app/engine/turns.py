"""Whose turn it is: the urgent first, then the procedure that has waited longest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from app.engine.trajectory import Trajectory


class Turns:
    """Picks batches such that no procedure, and none of its trajectories, starves."""

    def __init__(self) -> None:
        self._served: dict[str, int] = {}
        self._turn = 0

    def batch(
        self, active: Sequence[Trajectory], most: Callable[[str], int]
    ) -> tuple[list[Trajectory], list[Trajectory]]:
        """Those that take the next step together, and all in the order of the turns to come.

        Args:
            active: in the order of their turns; all have begun.
            most: rows that a step of a procedure may have; one that has more goes alone.
        """
        groups: dict[Hashable, list[Trajectory]] = {}
        for trajectory in active:
            groups.setdefault(trajectory.key, []).append(trajectory)
        if not groups:
            return [], []

        # A procedure's states change keys as they go, so turns are counted by procedure.
        def order(key: Hashable) -> tuple[bool, int]:
            group = groups[key]
            return not any(t.urgent for t in group), self._served.get(group[0].procedure, -1)

        group = groups[min(groups, key=order)]
        procedure = group[0].procedure
        self._turn += 1
        self._served[procedure] = self._turn
        batch = _fitting(sorted(group, key=lambda t: not t.urgent), most(procedure))
        return batch, [t for t in active if t not in batch] + batch


def _fitting(group: list[Trajectory], most: int) -> list[Trajectory]:
    """As many of a group, from the first, as one step may take."""
    batch: list[Trajectory] = []
    rows = 0
    for trajectory in group:
        rows += trajectory.rows
        if batch and rows > most:
            break
        batch.append(trajectory)
    return batch

"""Render landscapes, each a function of (split, index) alone:

python -m models.data.landscapes --split train --count 50000 --size 128 runs/landscapes
"""

from __future__ import annotations

from models.data.landscapes.world import LANDSCAPES
from models.data.rendering import command


def main() -> None:
    """Command line: render one split into a folder."""
    command(LANDSCAPES, "python -m models.data.landscapes", __doc__)


if __name__ == "__main__":
    main()

"""Whether the tests took enough of the code's branches.

python -m scripts.branches build/coverage.json --least 92
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from scripts.bars import Bar, judgement


def main() -> None:
    """Command line; ends with 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report", type=Path, help="written by coverage as JSON")
    parser.add_argument("--least", type=float, required=True, help="asked, in percent")
    args = parser.parse_args()
    report = json.loads(args.report.read_text(encoding="utf-8"))
    bar = taken(report, args.least)
    print(judgement([bar]))
    sys.exit(not bar.met)


def taken(report: dict[str, Any], least: float) -> Bar:
    """The share of branches taken, of a report of coverage.

    Args:
        least: percent asked.
    """
    totals = report["totals"]
    text = f"% of branches taken, {totals['covered_branches']} of {totals['num_branches']}"
    return Bar(text, totals["percent_branches_covered"], least=least)


if __name__ == "__main__":
    main()

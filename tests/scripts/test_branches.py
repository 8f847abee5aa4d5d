"""Whether enough branches were taken."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from scripts.branches import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("covered", "code"), [(92, 0), (91, 1)])
def test_too_few_branches_end_with_1(
    covered: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals = {"num_branches": 100, "covered_branches": covered, "percent_branches_covered": covered}
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"totals": totals}), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["branches", str(report), "--least", "92"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code

"""The speed report says what was measured, and nothing of what was not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts.speed import SECTIONS, main, report

if TYPE_CHECKING:
    from pathlib import Path

HARDWARE = "a lamp, 1 thread"
MODEL: dict[str, Any] = {
    "images_per_second": {"1": 1.25, "16": 20.5, "64": 40.0},
    "matmul_share": {"1": 0.1, "16": 0.625, "64": 0.7},
    "matmul_share_bfloat16": {"1": 0.05, "16": 0.125, "64": 0.2},
    "matmul_gflops": 100.4,
    "matmul_gflops_bfloat16": 800.4,
    "gflops_image": 2.5,
    "first_picture": 0.0514,
    "network_calls": 20,
    "peak_mb": 321,
}
TRIAL = {"task": "a step", "ready": 4.0, "seconds": 0.02, "ratio": 2.5, "error": 0.001}
BAR = {"text": "errors", "value": 0.0, "least": None, "most": 0, "met": True}
KNOWN: dict[str, Any] = {
    "throughput": {"hardware": HARDWARE, "models": {"gan": MODEL}},
    "bench": {
        "hardware": HARDWARE,
        "start": 1.5,
        "loaded": 2.75,
        "prepared": 9.5,
        "plays": [{"slide": 4, "play": "denoise", "first_frame": 0.1, "last_frame": 1.25}],
    },
    "peers": {
        "hardware": HARDWARE,
        "count": 16,
        "pairs": [
            {"task": "faces", "peer": "them", "ours": 9.0, "theirs": 3.0, "ratio": 3.0, "bar": 2.0}
        ],
    },
    "runtimes": {
        "hardware": HARDWARE,
        "trials": [
            {**TRIAL, "runtime": "fast", "refused": ""},
            {**TRIAL, "runtime": "absent", "refused": "ImportError: no"},
        ],
    },
    "load": {
        "hardware": HARDWARE,
        "bars": [BAR, {**BAR, "text": "sooner", "value": 4.5, "least": 5, "most": None,
                       "met": False}],
    },
}  # fmt: skip


def test_every_measurement_has_its_row() -> None:
    text = report(KNOWN)
    for row in (
        "| gan | 1.2 | 20.5 | 40.0 | 51 | 20 | 2.50 | 62% | 12% | 321 |",
        "| denoise | 4 | 0.10 | 1.25 |",
        "| faces; them | 9.00 | 3.00 | 3.00× | ≥ 2× |",
        "| a step; fast | 20.0 | 2.50× | 4.0 | 1.0e-03 |",
        "| a step; absent | – | – | – | – |",
        "| errors | 0.00 | ≤ 0 | met |",
        "| sooner | 4.50 | ≥ 5 | missed |",
    ):
        assert row in text
    assert "100 GFLOP/s in float32" in text
    assert text.count(HARDWARE) == len(SECTIONS)


@pytest.mark.parametrize("left", SECTIONS)
def test_what_was_not_measured_is_left_out(left: str) -> None:
    whole, less = report(KNOWN), report({**KNOWN, left: {}})
    assert whole.count("\n## ") == less.count("\n## ") + 1


def test_report_and_plot_are_written(tmp_path: Path) -> None:
    for name, known in KNOWN.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(known), encoding="utf-8")
    main(["--build", str(tmp_path), "--docs", str(tmp_path)])
    assert (tmp_path / "speed.md").read_text(encoding="utf-8") == report(KNOWN)
    assert "<svg" in (tmp_path / "speed.svg").read_text(encoding="utf-8")


def test_without_measurements_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--build", str(tmp_path), "--docs", str(tmp_path)])
    assert "nothing was measured" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())

"""The report says what the cards say, and is the one that was committed."""

from __future__ import annotations

from typing import Any

from models.evaluation.evidence import LIKELIHOODS, PROMPTED, sampling_models
from models.evaluation.report import REPORT, load_references, report, table
from models.zoo import ENTRIES, Zoo

SAMPLES: dict[str, Any] = {
    "frechet": 50.04,
    "sliced_wasserstein": [11.2, 22.4, 33.6],
    "precision": 0.91,
    "recall": 0.82,
    "density": 0.73,
    "coverage": 0.64,
    "sharpness": 0.555,
    "nearest_train": 12.34,
}


def card(name: str, **measured: Any) -> dict[str, Any]:
    evaluation = {"command": f"measure {name}", "hardware": "a lamp"}
    speed = {"steps": 3, "gflops_image": 1.5, "seconds_16": 0.25}
    known = {"samples": SAMPLES, "evaluation": evaluation, "speed": speed, **measured}
    return {"name": name, "parameters": 2_500_000, "measured": known}


def references() -> dict[str, Any]:
    names = ("floor", "blur", "noise", "memory")
    return {"count": 700, **{name: {**SAMPLES, "frechet": 25.02} for name in names}}


def test_a_table_is_markdown() -> None:
    assert table(["", "a"], [["x", "1"]]) == "|  | a |\n| --- | ---: |\n| x | 1 |\n"


def test_every_measured_value_is_in_the_report() -> None:
    obeyed = {"mean_head_accuracy": 0.987, "all_heads": 0.76}
    text = report(
        [
            card("plain", likelihood={"kind": "none"}),
            card("exact", likelihood={"kind": "exact", "bits_per_dim": 3.21}, prompts=obeyed),
        ],
        references(),
    )
    assert "700 samples each" in text
    row = "| 50.0 | 2.0 | 11 / 22 / 34 | 0.91 | 0.82 | 0.73 | 0.64 | 0.56 | 12.3 |"
    assert f"| plain {row}" in text
    assert "| training faces (the floor) | 25.0 | 1.0 |" in text
    assert "| exact | 98.7% (76%) | – | – | – |" in text
    assert "| plain | – | has none |" in text
    assert "| exact | exact | 3.210 bits per dim |" in text
    assert "| exact | 2.50 M | 3 | 1.50 | 0.250 |" in text
    assert "Measured on a lamp" in text
    assert "- `measure exact`" in text


def test_the_committed_report_is_the_cards() -> None:
    cards = [Zoo().card(name) for name in sampling_models()]
    for known in cards:
        assert "evaluation" in known["measured"], f"{known['name']} was not evaluated"
    assert REPORT.read_text(encoding="utf-8") == report(cards, load_references())


def test_every_sampling_model_is_covered() -> None:
    names = sampling_models()
    assert names == [n for n, entry in ENTRIES.items() if "sample" in entry.procedures]
    assert set(PROMPTED) | set(LIKELIHOODS) <= set(names)

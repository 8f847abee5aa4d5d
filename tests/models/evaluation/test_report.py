"""The report says what the cards say, and is the one that was committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.evaluation.evidence import LIKELIHOODS, sampling_models
from models.evaluation.fashion import PUBLISHED
from models.evaluation.report import (
    REPORT,
    fashion,
    load_references,
    measured_cards,
    report,
    savings,
    stability,
    steps,
    table,
)
from models.runtime.checkpoint import write_card
from models.runtime.zoo import Zoo

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

COMPARED: dict[str, Any] = {
    "count": 1000,
    "frechet": 40.04,
    "frechet_floor": 20.12,
    "coverage": 0.956,
    "coverage_floor": 0.978,
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
    obeyed = {"mean_head_accuracy": 0.987, "all_heads": 0.76, "clip_top1": 0.54}
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
    assert "| exact | 98.7% (76%; 54%) | – | – | – |" in text
    assert "| plain | – | has none |" in text
    assert "| exact | exact | 3.210 bits per dim |" in text
    assert "| exact | 2.50 M | 3 | 1.50 | 0.250 |" in text
    assert "Measured on a lamp" in text
    assert "- `measure exact`" in text


def test_samples_for_captions_have_their_own_floor() -> None:
    obeyed = {"mean_head_accuracy": 0.987, "all_heads": 0.76, "clip_top1": 0.54}
    drawn = {"likelihood": {"kind": "none"}, "prompts": {**obeyed, "likeness": COMPARED}}
    told, blind = card("told", **drawn), card("blind", likelihood={"kind": "none"})
    text = report([told, blind], references())
    assert "| told | 1,000 | 40.0 | 20.1 | 0.96 | 0.98 |" in text
    assert "captions tell of" not in report([blind], references())
    assert "Without a prompt" not in text


def test_samples_without_a_prompt_stand_beside_as_many_training_faces() -> None:
    free = card("free", likelihood={"kind": "none"}, samples_unprompted=COMPARED)
    blind = card("blind", likelihood={"kind": "none"})
    text = report([free, blind], references())
    assert "| free | 1,000 | 40.0 | 20.1 | 0.96 | 0.98 |" in text
    assert text.count("| blind | 1,000 ") == 0
    assert "Without a prompt" not in report([blind], references())


def test_samples_without_guidance_have_a_table_of_their_own() -> None:
    flow = card("flow", likelihood={"kind": "none"}, samples_unguided=COMPARED)
    text = report([flow], references())
    assert "| flow | 1,000 | 40.0 | 20.1 | 0.96 | 0.98 |" in text
    assert "very density" in text
    assert "very density" not in report([card("a", likelihood={"kind": "none"})], references())


def test_grids_with_twins_stand_beside_those_of_real_faces() -> None:
    known = {"count": 5000, "grids": 0.125, "grids_real": 0.051}
    drawn = card("drawn", likelihood={"kind": "none"}, twins=known)
    text = report([drawn], references())
    assert "| drawn | 5,000 | 12% |" in text
    assert "among test faces it is 5%" in text
    assert "twins" not in report([card("a", likelihood={"kind": "none"})], references())


def photo_card(name: str, bits: float | None = None, **measured: Any) -> dict[str, Any]:
    """Of a model of photos; its samples are known in less detail."""
    exact = {"kind": "exact", "bits_per_dim": bits, "count": 10_000}
    return card(
        name,
        samples={"frechet": 30.06, "frechet_floor": 10.02, "coverage": 0.87},
        likelihood={"kind": "none"} if bits is None else exact,
        **measured,
    )


def rows(text: str) -> list[list[str]]:
    """Cells of a Markdown table."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_likelihoods_of_photos_are_ranked_with_the_published_ones() -> None:
    lowest, highest = min(PUBLISHED.values()), max(PUBLISHED.values())
    cards = [
        photo_card("worst", highest + 0.123),
        photo_card("best", lowest - 0.123),
        photo_card("blind"),
    ]
    ranking = rows(fashion(cards).split("\n\n")[0])[2:]
    assert ranking[0] == ["best", f"{lowest - 0.123:.2f}", "measured here"]
    assert ranking[-1] == ["worst", f"{highest + 0.123:.2f}", "measured here"]
    assert ["IDF", "3.47", "published"] in ranking
    assert {row[0] for row in ranking[1:-1]} == set(PUBLISHED)
    bits = [float(row[1]) for row in ranking]
    assert bits == sorted(bits)


def test_samples_of_photos_are_in_the_report() -> None:
    asked = {"count": 5000, "accuracy": 0.954, "frechet": 18.24, "coverage": 0.893}
    cards = [
        photo_card("flow of photos", 2.98),
        photo_card("told a class", classes=asked),
    ]
    text = fashion(cards)
    assert "| flow of photos | 30.1 | 3.0 | 0.87 | – | – | – | 0.250 |" in text
    assert "| told a class | 30.1 | 3.0 | 0.87 | 18.2 | 0.89 | 95.4% | 0.250 |" in text


def test_photos_have_their_section_after_the_faces() -> None:
    faces = [card("plain", likelihood={"kind": "none"})]
    photos = [photo_card("flow of photos", 2.98)]
    text = report(faces, references(), photos)
    before, after = text.split("## Fashion-MNIST\n")
    assert fashion(photos) in after
    assert "flow of photos" not in before
    assert "| plain |" not in after
    assert "- `measure plain`\n- `measure flow of photos`" in after
    assert report(faces, references()) != text


def test_steps_are_one_row_a_solver() -> None:
    known = {"count": 100, "frechet": {"euler": {"1": 90.4, "8": 41.6}, "heun": {"1": 80.0}}}
    text = steps([card("curved"), card("straight", steps=known)])
    assert rows(text) == [
        ["", "samples", "1"],
        ["---", "---:", "---:"],
        ["straight, euler", "100", "90", "42"],
        ["straight, heun", "100", "80"],
    ]


def test_savings_are_pixels_over_latents() -> None:
    cost = {
        "pixels": {"gflops": 4.444, "milliseconds": 30.06},
        "latent": {"gflops": 1.111, "milliseconds": 10.02},
        "ratio": {"gflops": 4.0, "milliseconds": 3.0},
    }
    assert rows(savings([card("plain"), card("latent", step_cost=cost)]))[2:] == [
        ["in 128×128 pixels", "4.44", "30.1"],
        ["in their 16×16×4 latent", "1.11", "10.0"],
        ["ratio", "4.0", "3.0"],
    ]


def test_stability_is_the_share_of_failed_trainings() -> None:
    known = {
        "failed": 0.4,
        "spread": 0.123,
        "frechet": {"0.33": [50.4, 61.0], "1": [None, 40.6], "3": [None, None]},
    }
    assert rows(stability([card("plain"), card("shaky", stability=known)]))[2:] == [
        ["shaky", "40%", "12%", "50", "41", "inf"]
    ]


def test_models_not_yet_measured_are_left_out_of_the_report(tmp_path: Path) -> None:
    names = [*sampling_models(), *sampling_models("fashion")]
    for name in names:
        known = ["evaluation"] if name in ("gan", "fashion-flow") else []
        write_card({"name": name, "measured": dict.fromkeys(known)}, tmp_path)
    zoo = Zoo(tmp_path)
    assert [card["name"] for card in measured_cards(zoo)] == ["gan"]
    assert [card["name"] for card in measured_cards(zoo, "fashion")] == ["fashion-flow"]


def test_the_committed_report_is_the_cards() -> None:
    zoo = Zoo()
    faces, photos = (
        [zoo.card(name) for name in sampling_models(dataset)] for dataset in ("faces", "fashion")
    )
    for known in (*faces, *photos):
        assert "evaluation" in known["measured"], f"{known['name']} was not evaluated"
    assert REPORT.read_text(encoding="utf-8") == report(faces, load_references(), photos)


def test_every_sampling_model_is_covered() -> None:
    faces, photos = sampling_models(), sampling_models("fashion")
    both = [p.partition(".")[0] for p in Zoo().procedures() if p.endswith(".sample")]
    assert sorted(faces + photos) == sorted(both)
    assert sorted(photos) == sorted(name for name in both if name.startswith("fashion-"))
    assert set(LIKELIHOODS) <= set(faces)

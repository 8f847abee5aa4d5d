"""Tables of the report say what the cards say."""

from __future__ import annotations

from models.evaluation.fashion import PUBLISHED
from models.evaluation.tables import (
    drawing,
    fashion,
    origins,
    savings,
    spoken,
    stability,
    steps,
    table,
)
from tests.models.evaluation.cards import card, photo_card


def rows(text: str) -> list[list[str]]:
    """Cells of a Markdown table."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_a_table_is_markdown() -> None:
    assert table(["", "a"], [["x", "1"]]) == "|  | a |\n| --- | ---: |\n| x | 1 |\n"


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


def test_spoken_prompts_have_a_row_for_each_world_of_a_model() -> None:
    faces = {"prompts": 100, "pictures": 400, "attributes": 0.932, "all_right": 0.81}
    lands = {"prompts": 80, "pictures": 320, "attributes": 0.918, "all_right": 0.79}
    both = card("both", spoken=faces, worlds={"landscapes": {"spoken": lands}})
    both["worlds"] = ["faces", "landscapes"]
    assert rows(spoken([card("blind"), card("one", spoken=faces), both]))[2:] == [
        ["one", "faces", "100 × 4", "93.2%", "81%"],
        ["both", "faces", "100 × 4", "93.2%", "81%"],
        ["both", "landscapes", "80 × 4", "91.8%", "79%"],
    ]
    assert spoken([card("blind")]) == ""


def test_a_card_of_a_world_holds_what_was_measured_of_it() -> None:
    block = {"samples": {"frechet": 3.0}}
    both = card("both", worlds={"landscapes": block}) | {"worlds": ["faces", "landscapes"]}
    (drawn,) = drawing([card("one"), both], "landscapes")
    assert (drawn["name"], drawn["measured"]) == ("both", block)
    assert [c["name"] for c in drawing([card("one"), both], "faces")] == ["one", "both"]


def test_weights_that_were_taken_over_are_told_with_the_images_of_both() -> None:
    lent = {"name": "first", "images": 260_000, "parameters": 2_500_000}
    text = origins([card("first"), card("second") | {"origin": lent, "images": 60_000}])
    assert rows(text)[2:] == [["second", "first", "100%", "260,000", "60,000"]]
    assert origins([card("first")]) == ""

"""The report says what the cards say, and is the one that was committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.evaluation.evidence import LIKELIHOODS, sampling_models
from models.evaluation.report import (
    REPORT,
    load_references,
    measured_cards,
    report,
)
from models.evaluation.tables import fashion
from models.runtime.checkpoint import write_card
from models.runtime.zoo import Zoo
from tests.models.evaluation.cards import COMPARED, SAMPLES, card, photo_card

if TYPE_CHECKING:
    from pathlib import Path


def references() -> dict[str, Any]:
    names = ("floor", "blur", "noise", "memory")
    scores = {name: {**SAMPLES, "frechet": 25.02} for name in names}
    return {"count": 700, "faces": scores, "landscapes": scores}


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


def test_what_a_network_of_photographs_sees_has_its_own_table() -> None:
    known, seen = references(), {"count": 700, "frechet": 30.0, "kernel": 4.56}
    assert "Lite2" not in report([card("plain", likelihood={"kind": "none"})], known)
    for scores in known["faces"].values():
        scores["photographs"] = {"frechet": 12.0, "kernel": -0.04}
    models = [card("old", likelihood={"kind": "none"}),
              card("new", likelihood={"kind": "none"}, photographs=seen)]  # fmt: skip
    text = report(models, known)
    assert "| training faces (the floor) | 12.0 | 1.0 | -0.0 |" in text
    assert "| new | 30.0 | 2.5 | 4.6 |" in text
    assert text.count("| old | 50.0 |") == 1


def test_samples_for_captions_have_their_own_floor() -> None:
    obeyed = {"mean_head_accuracy": 0.987, "all_heads": 0.76, "clip_top1": 0.54}
    drawn = {"likelihood": {"kind": "none"}, "prompts": {**obeyed, "likeness": COMPARED}}
    told, blind = card("told", **drawn), card("blind", likelihood={"kind": "none"})
    text = report([told, blind], references())
    assert "| told | 1,000 | 40.0 | 20.1 | 0.96 | 0.98 |" in text
    assert "captions describe" not in report([blind], references())
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
    assert "density itself" in text
    assert "density itself" not in report([card("a", likelihood={"kind": "none"})], references())


def test_grids_with_twins_stand_beside_those_of_real_faces() -> None:
    known = {"count": 5000, "grids": 0.125, "grids_real": 0.051}
    drawn = card("drawn", likelihood={"kind": "none"}, twins=known)
    text = report([drawn], references())
    assert "| drawn | 5,000 | 12% |" in text
    assert "among test faces it is 5%" in text
    assert "twins" not in report([card("a", likelihood={"kind": "none"})], references())


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


def test_a_further_world_has_a_section_and_spoken_prompts_have_one() -> None:
    obeyed = {"mean_head_accuracy": 0.956, "all_heads": 0.83, "clip_top1": 0.97}
    said = {"prompts": 100, "pictures": 400, "attributes": 0.932, "all_right": 0.81}
    likeness = {"prompts": {**obeyed, "likeness": COMPARED}}
    block = {"samples": SAMPLES, **likeness, "spoken": said}
    both = card("both", likelihood={"kind": "none"}, worlds={"landscapes": block})
    both["worlds"] = ["faces", "landscapes"]
    one = card("one", likelihood={"kind": "none"})
    text = report([one, both], references())
    section = text.split("## Landscapes\n")[1].split("\n## ")[0]
    assert "| training landscapes (the floor) | 25.0 | 1.0 |" in section
    assert "| both | 50.0 | 2.0 |" in section
    assert "| both | 95.6% (83%; 97%) | – | – | – |" in section
    assert "| both | 1,000 | 40.0 | 20.1 | 0.96 | 0.98 |" in section
    assert "| one |" not in section
    assert "| both | landscapes | 100 × 4 | 93.2% | 81% |" in text.split("own words\n")[1]
    plain = report([one], references())
    assert "## Landscapes" not in plain
    assert "own words" not in plain


def test_learning_curves_have_a_section_where_there_are_any() -> None:
    plain = card("plain", likelihood={"kind": "none"})
    points = [{"images": 10.0, "loss": 2.0}, {"images": 20.0, "loss": 1.0}]
    assert "learning.svg" in report([plain | {"curve": points}], references())
    assert "learning.svg" not in report([plain], references())


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


def test_the_judge_hardly_sees_blur_and_noise_which_patches_show() -> None:
    """As the report says of its own figures."""
    known = load_references()["faces"]
    for name in ("blur", "noise"):
        spoilt, floor = known[name], known["floor"]
        assert floor["frechet"] < spoilt["frechet"] < 3 * floor["frechet"]
        assert spoilt["sliced_wasserstein"][0] > 10 * floor["sliced_wasserstein"][0]


def test_every_sampling_model_is_covered() -> None:
    faces, photos = sampling_models(), sampling_models("fashion")
    both = [p.partition(".")[0] for p in Zoo().procedures() if p.endswith(".sample")]
    assert sorted(faces + photos) == sorted(both)
    assert sorted(photos) == sorted(name for name in both if name.startswith("fashion-"))
    assert set(LIKELIHOODS) <= set(faces)


def test_fewer_samples_than_the_floor_s_are_said() -> None:
    fewer = card("few", samples={**SAMPLES, "count": 500}, likelihood={"kind": "none"})
    text = report([fewer, card("many", likelihood={"kind": "none"})], references())
    assert "few (500 samples)" in text
    assert "many (" not in text

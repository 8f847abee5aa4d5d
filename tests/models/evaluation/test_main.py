"""``python -m models.evaluation``: what it refuses, measures and rewrites."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from models.evaluation import __main__ as command
from models.evaluation import evidence
from models.runtime.zoo import Zoo

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command without measuring; what it has written by what it was given."""
    written: dict[str, Any] = {"cards": {}, "reports": 0}

    def report(_: Zoo) -> None:
        written["reports"] += 1

    monkeypatch.setattr(Zoo, "prepare", lambda self, name: None)
    monkeypatch.setattr(
        command,
        "measure_model",
        lambda zoo, name, known, count, prompts: {"faces": (count, prompts, known["count"])},
    )
    monkeypatch.setattr(command, "measure_speech", lambda zoo, name: {"faces": {"of": name}})
    monkeypatch.setattr(command, "measure_fashion", lambda zoo, name, count: {"photos": count})
    monkeypatch.setattr(command, "references", lambda count, world: {"of": (count, world)})
    monkeypatch.setattr(
        command, "load_references", lambda: written.get("references", {"count": 300, "faces": {}})
    )
    monkeypatch.setattr(command, "write_references", lambda known: written.update(references=known))
    monkeypatch.setattr(
        command, "write_card", lambda card, _: written["cards"].update({card["name"]: card})
    )
    monkeypatch.setattr(command, "write_report", report)

    def start(*arguments: str) -> dict[str, Any]:
        monkeypatch.setattr(sys, "argv", ["evaluation", *arguments])
        command.main()
        return written

    return start


def test_a_model_of_each_data_set_is_measured_by_its_own_harness(run: Run) -> None:
    written = run("vae", "fashion-flow", "--count", "300", "--prompts", "7")
    assert written["cards"]["vae"]["measured"]["faces"] == (300, 7, 300)
    assert written["cards"]["fashion-flow"]["measured"]["photos"] == 300
    assert written["reports"] == 1
    assert "references" not in written


def test_references_are_measured_anew_for_another_count_or_when_asked(run: Run) -> None:
    assert run("vae", "--count", "400")["references"] == {
        "count": 400,
        "faces": {"of": (400, "faces")},
        "landscapes": {"of": (400, "landscapes")},
    }
    assert run("--references", "--count", "500")["references"]["count"] == 500


def test_references_of_a_world_are_measured_when_a_model_draws_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "worlds_of", lambda card: ["faces", "landscapes"])
    assert run("vae", "--count", "300")["references"] == {
        "count": 300, "faces": {}, "landscapes": {"of": (300, "landscapes")}
    }  # fmt: skip


def test_spoken_prompts_can_be_measured_alone(run: Run) -> None:
    written = run("diffusion", "--spoken")
    before = Zoo().card("diffusion")["measured"]
    measured = written["cards"]["diffusion"]["measured"]
    assert measured == {**before, "spoken": {"of": "diffusion"}}
    assert "references" not in written
    with pytest.raises(SystemExit):
        run("fashion-diffusion", "--spoken")


def test_without_a_name_the_report_alone_is_written(run: Run) -> None:
    written = run()
    assert (written["cards"], written["reports"]) == ({}, 1)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["vea"], "unknown model vea"),
        (["vae", "--count", "150"], "between 200 and"),
        (["vae", "--count", "1000000"], "between 200 and"),
        (["vae", "--count", "250"], "multiple of 100"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    with pytest.raises(SystemExit):
        run(*arguments)
    assert reason in capsys.readouterr().err


KEYS = {
    "vae": {"samples"},
    "flow": {"samples", "sampling", "samples_unguided"},
    "diffusion": {
        "samples", "samples_unprompted", "prompts", "prompts_held_out", "prompts_unguided",
        "prompts_held_out_unguided", "spoken",
    },
}  # fmt: skip
KEYS["latent-diffusion"] = KEYS["diffusion"] | {"step_cost"}


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn; what would be measured is told instead."""
    for each in ("draw_samples", "draw_asked"):
        monkeypatch.setattr(evidence, each, lambda zoo, name, *_, each=each, **__: each)
    monkeypatch.setattr(evidence, "measure_images", lambda drawn, world: {"of": (drawn, world)})
    monkeypatch.setattr(
        evidence, "measure_photographs", lambda drawn, world: {"of": (drawn, world)}
    )
    monkeypatch.setattr(evidence, "compare", lambda drawn: {"of": drawn})
    monkeypatch.setattr(
        evidence, "measure_prompts", lambda _, split, count, world, **__: {"of": (split, world)}
    )
    monkeypatch.setattr(evidence, "measure_spoken", lambda _, world: {"of": world})
    monkeypatch.setattr(evidence, "measure_likelihood", lambda *_: {})
    monkeypatch.setattr(evidence, "measure_speed", lambda *_: {})
    monkeypatch.setattr(evidence, "measure_cost", dict)


FLOORS = {
    "faces": {"floor": {"frechet": 1.0, "coverage": 0.9}},
    "landscapes": {"floor": {"frechet": 2.0, "coverage": 0.8}},
}


@pytest.mark.usefixtures("harness")
@pytest.mark.parametrize("name", KEYS)
def test_a_model_is_asked_for_what_its_parameters_let_it_do(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "worlds_of", lambda card: ["faces"])
    measured = evidence.measure_model(Zoo(), name, FLOORS, 200, 10)
    assert set(measured) == KEYS[name] | {"evaluation", "likelihood", "photographs", "speed"}
    asked = "draw_asked" if "prompts" in KEYS[name] else "draw_samples"
    floors = {"frechet_floor": 1.0, "coverage_floor": 0.9}
    assert measured["samples"] == {"of": (asked, "faces"), **floors}
    assert "--count 200 --prompts 10" in measured["evaluation"]["command"]


@pytest.mark.usefixtures("harness")
def test_a_model_of_two_worlds_is_measured_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "worlds_of", lambda card: ["faces", "landscapes"])
    measured = evidence.measure_model(Zoo(), "latent-diffusion", FLOORS, 200, 10)
    landscapes = measured["worlds"]["landscapes"]
    assert set(landscapes) == KEYS["diffusion"] - {"samples_unprompted"} | {"photographs"}
    assert landscapes["photographs"] == {"count": 200, "of": ("draw_asked", "landscapes")}
    assert landscapes["samples"]["of"] == ("draw_asked", "landscapes")
    assert landscapes["samples"]["frechet_floor"] == 2.0
    assert landscapes["prompts_held_out"] == {"of": ("combo", "landscapes")}
    assert landscapes["spoken"] == {"of": "landscapes"}
    assert measured["samples"]["of"] == ("draw_asked", "faces")
    assert measured["prompts"] == {"of": ("test", "faces")}
    assert measured["spoken"] == {"of": "faces"}
    assert "samples_unprompted" not in measured, "which world it would be of is not known"


@pytest.mark.usefixtures("harness")
def test_models_that_read_no_prompt_have_no_speech() -> None:
    assert evidence.measure_speech(Zoo(), "vae") == {}
    assert evidence.measure_speech(Zoo(), "diffusion") == {"faces": {"of": "faces"}}


def test_a_model_without_a_likelihood_says_so() -> None:
    assert evidence.measure_likelihood(Zoo(), "gan") == {"kind": "none"}

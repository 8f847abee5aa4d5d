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
        lambda zoo, name, floor, count, prompts: {"faces": (count, prompts)},
    )
    monkeypatch.setattr(command, "measure_fashion", lambda zoo, name, count: {"photos": count})
    monkeypatch.setattr(command, "references", lambda count: {"floor": {"of": count}})
    monkeypatch.setattr(command, "load_references", lambda: {"count": 300, "floor": {}})
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
    assert written["cards"]["vae"]["measured"]["faces"] == (300, 7)
    assert written["cards"]["fashion-flow"]["measured"]["photos"] == 300
    assert written["reports"] == 1
    assert "references" not in written


def test_references_are_measured_anew_for_another_count_or_when_asked(run: Run) -> None:
    assert run("vae", "--count", "400")["references"] == {"count": 400, "floor": {"of": 400}}
    assert run("--references", "--count", "500")["references"]["count"] == 500


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
        "prompts_held_out_unguided",
    },
}  # fmt: skip
KEYS["latent-diffusion"] = KEYS["diffusion"] | {"step_cost"}


@pytest.mark.parametrize("name", KEYS)
def test_a_model_is_asked_for_what_its_parameters_let_it_do(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in ("draw_samples", "draw_asked"):
        monkeypatch.setattr(evidence, each, lambda zoo, name, count, each=each, **_: each)
    monkeypatch.setattr(evidence, "measure_images", lambda drawn: {"of": drawn})
    monkeypatch.setattr(evidence, "compare", lambda drawn: {"of": drawn})
    monkeypatch.setattr(evidence, "measure_prompts", lambda *_, **__: {})
    monkeypatch.setattr(evidence, "measure_likelihood", lambda *_: {})
    monkeypatch.setattr(evidence, "measure_speed", lambda *_: {})
    monkeypatch.setattr(evidence, "measure_cost", dict)
    floor = {"frechet": 1.0, "coverage": 0.9}
    measured = evidence.measure_model(Zoo(), name, floor, 200, 10)
    assert set(measured) == KEYS[name] | {"evaluation", "likelihood", "speed"}
    asked = "draw_asked" if "prompts" in KEYS[name] else "draw_samples"
    assert measured["samples"] == {"of": asked, "frechet_floor": 1.0, "coverage_floor": 0.9}
    assert "--count 200 --prompts 10" in measured["evaluation"]["command"]


def test_a_model_without_a_likelihood_says_so() -> None:
    assert evidence.measure_likelihood(Zoo(), "gan") == {"kind": "none"}

"""One beta among all: what is said of it is what was computed."""

from __future__ import annotations

import math

import pytest
import torch

from app.demos.kit import Graph, Picture, Spectrum
from app.demos.vae.rate import DRAWS, FACES, Rate, RateParameters, _scene, said
from models.families.vae import BETAS
from models.runtime.sampler import View
from models.runtime.zoo import Zoo
from tests.support.parts import parts_of


def known() -> View:
    nats = torch.tensor([2.0, 0.0, 0.5, 0.001])
    extras = {
        "originals": torch.zeros(FACES, 3, 64, 64),
        "nats": nats,
        "rate": 2.5,
        "rmse": 30.25,
        "betas": torch.tensor([0.01, 10.0, 10_000.0]),
        "rates": torch.tensor([300.0, 80.0, 1.0]),
        "distortions": torch.tensor([10.0, 14.0, 52.0]),
    }
    return View(torch.zeros(FACES, 3, 64, 64), extras)


def drawn() -> View:
    return View(torch.zeros(DRAWS, 3, 64, 64), {})


def test_the_point_is_where_its_rate_and_distortion_are() -> None:
    scene = _scene(316.0, known(), drawn())
    (graph,) = parts_of(scene, Graph)
    assert graph.here == (2.5, 30.25)
    assert graph.mark == "β = 320"
    assert len(graph.places) == 3
    assert "at β = 0.01 300 nats and an error of 10" in graph.alt
    assert scene.numbers == {"beta": "320", "kl": "2", "error": "30.2"}


def test_numbers_in_use_are_counted_and_told() -> None:
    scene = _scene(316.0, known(), drawn())
    (spectrum,) = parts_of(scene, Spectrum)
    assert "2 of 4 in use" in spectrum.label
    assert [counts for _, counts in spectrum.bars] == [True, True, False, False]
    assert "in 2 of 4 numbers" in scene.text


def test_before_anything_is_there_every_part_has_its_place() -> None:
    empty, full = _scene(1.0), _scene(1.0, known(), drawn())
    for kind in (Picture, Graph, Spectrum):
        assert len(parts_of(empty, kind)) == len(parts_of(full, kind))
    assert all(picture.images is None for picture in parts_of(empty, Picture))


@pytest.mark.parametrize(
    ("beta", "text"),
    [(0.01, "0.01"), (0.0316, "0.032"), (1.0, "1"), (251.2, "250"), (1e4, "10000")],
)
def test_a_beta_is_said_in_two_digits(beta: float, text: str) -> None:
    assert said(beta) == text


def test_the_slider_begins_where_samples_are_best() -> None:
    best = Zoo().card("vae")["defaults"]["sample"]["beta"]
    assert 10 ** RateParameters().log_beta == pytest.approx(best)
    assert BETAS[0] <= best <= BETAS[1]
    assert math.isclose(10 ** Rate.parameters.model_fields["log_beta"].default, best)

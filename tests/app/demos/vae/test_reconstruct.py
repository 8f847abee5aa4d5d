"""Both terms of the loss are those of the faces that are shown."""

from __future__ import annotations

from typing import Any

import torch

from app.demos.kit import Bars, Ellipse, Plane
from app.demos.vae.reconstruct import _axes, _scene
from models.data.pixels import LEVEL
from tests.support.parts import parts_of

RMSE = 12.0


def seen() -> dict[str, Any]:
    """Two codes of five numbers: far out, unused, two wide and apart, precise."""
    mu = torch.tensor([[2.0, 0.0, 0.5, -0.5, 0.9], [-2.0, 0.0, -0.5, 0.5, -0.9]])
    sigma = torch.tensor([[0.1, 1.0, 0.9, 0.8, 0.1]]).expand(2, -1)
    extras = {"originals": torch.zeros(2, 3, 64, 64), "mu": mu, "sigma": sigma}
    return {**extras, "logvar": 2 * sigma.log(), "z": mu + sigma, "rmse": torch.tensor([1.0, 1.0])}


def test_an_error_of_one_deviation_costs_half_a_nat_a_value() -> None:
    rebuilt = torch.full((2, 3, 64, 64), RMSE * LEVEL)
    error, kl = parts_of(_scene(seen(), rebuilt, RMSE, 3), Bars)
    assert [bar.text for bar in error.bars] == [f"{3 * 64 * 64 / 2:,.0f}"] * 2
    mu, sigma = seen()["mu"][0], seen()["sigma"][0]
    nats = float((mu**2 + sigma**2 - 1 - 2 * sigma.log()).sum() / 2)
    assert [bar.text for bar in kl.bars] == [f"{nats:,.0f}"] * 2


def test_the_error_is_told_once_there_is_a_face_to_compare() -> None:
    extras = {name: value for name, value in seen().items() if name != "rmse"}
    error, kl = parts_of(_scene(extras, torch.zeros(2, 3, 64, 64), RMSE, 2), Bars)
    assert not any(bar.text for bar in error.bars)
    assert all(bar.text for bar in kl.bars)


def test_the_plane_shows_wide_coordinates_in_which_the_faces_lie_apart() -> None:
    assert sorted(_axes(seen()["mu"], seen()["sigma"])) == [2, 3]
    (plane,) = parts_of(_scene(seen(), torch.zeros(2, 3, 64, 64), RMSE, 3), Plane)
    clouds = [shape for shape in plane.shapes if isinstance(shape, Ellipse)]
    assert [cloud.label for cloud in clouds] == ["A", "B"]


def test_epsilon_is_what_leads_from_the_mean_to_the_point() -> None:
    assert _scene(seen(), None, RMSE, 2).numbers["epsilon"] == "1.00"

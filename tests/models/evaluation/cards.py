"""Cards of models that were never measured."""

from __future__ import annotations

from typing import Any

SAMPLES: dict[str, Any] = {
    "count": 1_000,
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
    return {"name": name, "dataset": "faces", "parameters": 2_500_000, "measured": known}


def photo_card(name: str, bits: float | None = None, **measured: Any) -> dict[str, Any]:
    """Of a model of photos; its samples are known in less detail."""
    exact = {"kind": "exact", "bits_per_dim": bits, "count": 10_000}
    return card(
        name,
        samples={"frechet": 30.06, "frechet_floor": 10.02, "coverage": 0.87},
        likelihood={"kind": "none"} if bits is None else exact,
        **measured,
    )

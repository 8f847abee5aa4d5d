"""Health: a checkpoint that cannot be used is named, and the server stays up."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from fastapi.testclient import TestClient

from app.factory import create_app
from app.health.metrics import REPEATED
from app.settings import Settings
from models.procedures.vae import Decoding, VAESampler
from models.runtime.checkpoint import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])
    assert set(answer.json()) == {
        "ready",
        "reasons",
        "failing",
        "warm",
        "prepared",
        "active",
        "waiting",
        "device",
        "left_device",
    }


@pytest.mark.parametrize("harm", ["missing", "truncated", "altered"])
def test_a_harmed_checkpoint_is_named(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    for name in ("vae.json", "vae.safetensors", "gan.json", "gan.safetensors"):
        shutil.copy(FOLDER / name, folder)
    path = folder / "vae.safetensors"
    data = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "truncated":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with TestClient(create_app(Settings(checkpoints=folder))) as client:
        while not client.get("/readyz").json()["warm"]:
            pass
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert any("vae.safetensors" in reason for reason in answer.json()["reasons"])
        assert "This Play is off" in client.get("/slides/1").text
        assert client.get("/slides/4").status_code == 200
        assert "This Play is off" not in client.get("/slides/2?demo=mix").text
        refused = client.post("/api/v1/models/vae/sample", json={})
        assert refused.status_code == 503
        assert "Retry-After" in refused.headers


@pytest.mark.parametrize(
    ("outcome", "words"), [("raises", "The model failed"), ("gives NaN", "lost its way")]
)
def test_a_failing_model_is_named_while_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, outcome: str, words: str
) -> None:
    def step(self: VAESampler, states: Sequence[Decoding]) -> None:
        if outcome == "raises":
            raise RuntimeError("numerical trouble")
        real(self, states)
        for state in states:
            state.images = torch.full_like(state.images, torch.nan)

    real = VAESampler.step
    monkeypatch.setattr(VAESampler, "step", step)
    with TestClient(create_app(Settings(warm_up=False))) as client:
        assert client.get("/readyz").json()["failing"] == {}
        for seed in range(REPEATED):
            assert client.get("/readyz").json()["failing"] == {}
            answer = client.post("/api/v1/models/vae/sample", json={"seed": seed})
            assert answer.status_code == 500
        assert client.post("/api/v1/models/gan/sample", json={}).status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["ready"]
        assert list(answer.json()["failing"]) == ["vae"]
        assert words in answer.json()["failing"]["vae"]
        monkeypatch.setattr(VAESampler, "step", real)
        assert client.post("/api/v1/models/vae/sample", json={"seed": 7}).status_code == 200
        assert client.get("/readyz").json()["failing"] == {}


def test_what_is_refused_or_left_is_no_failure() -> None:
    with TestClient(create_app(Settings(warm_up=False))) as client:
        for body in ({"n": 0}, {"temperature": 99}, {"latents": [[1, 2]]}):
            for action in ("sample", "encode", "decode"):
                answer = client.post(f"/api/v1/models/vae/{action}", json=body)
                assert answer.status_code == 422
        metrics = client.app.state.context.metrics  # type: ignore[attr-defined]
        assert metrics.failures() == []
        assert client.get("/readyz").json()["failing"] == {}

"""The JSON API."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
import torch
from PIL import Image

from app.engine import PlayFailedError
from app.routes import api
from models.evaluation.evidence import sampling_models
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

SLOW = {"fashion-flow", "fashion-autoregressive"}
"""Their procedures are tried in tests/models; here they would take half a minute each."""
SAMPLING = [p.partition(".")[0] for p in Zoo().procedures() if p.endswith(".sample")]
SIDES = {"latent-diffusion": 128, **dict.fromkeys(sampling_models("fashion"), 28)}


def sample(client: TestClient, name: str, **body: Any) -> Any:
    return client.post(f"/api/v1/models/{name}/sample", json=body)


def test_models_are_listed_with_cards(client: TestClient) -> None:
    models = client.get("/api/v1/models").json()["models"]
    assert [m["name"] for m in models] == Zoo().names()
    families = {m["family"] for m in models}
    assert {
        "vae", "gan", "flow", "autoregressive", "diffusion", "latent_diffusion",
    } <= families  # fmt: skip
    for model in models:
        assert model["parameters"] > 0
        assert len(model["sha256"]) == 64
        assert model["card"]["measured"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SAMPLING if name not in SLOW])
def test_every_model_gives_images(client: TestClient, name: str) -> None:
    body = {"n": 2, "seed": 5}
    if "num_steps" in Zoo().procedure(f"{name}.sample").parameters.bounds():
        body["num_steps"] = 4
    answer = sample(client, name, **body).json()
    assert answer["seed"] == 5
    assert answer["seconds"] > 0
    side = SIDES.get(name, 64)
    assert len(set(answer["images"])) == 2
    for text in answer["images"]:
        with Image.open(io.BytesIO(base64.b64decode(text))) as image:
            assert image.format == "PNG"
            assert image.size == (side, side)


@pytest.mark.parametrize("name", ["vae", "gan", "diffusion"])
def test_images_repeat_for_a_seed(client: TestClient, name: str) -> None:
    few = {"num_steps": 4} if name == "diffusion" else {}
    first, other, again = (sample(client, name, seed=seed, **few).json() for seed in (5, 6, 5))
    assert first["images"] == again["images"]
    assert first["images"] != other["images"]


def test_a_prompt_changes_the_picture(client: TestClient) -> None:
    red, blue = (
        sample(client, "diffusion", seed=1, num_steps=4, prompt=f"{color} background").json()
        for color in ("red", "blue")
    )
    assert red["images"] != blue["images"]


@pytest.mark.parametrize("name", ["vae", "flow"])
def test_encoding_and_decoding_meet(client: TestClient, name: str) -> None:
    encoded = client.post(f"/api/v1/models/{name}/encode", json={"gallery": [3, 4]}).json()
    assert len(encoded["latents"]) == 2
    if name == "vae":
        assert len(encoded["mu"][0]) == len(encoded["logvar"][0]) == len(encoded["latents"][0])
    else:
        assert torch.tensor(encoded["latents"]).shape == (2, 3, 64, 64)
        assert encoded["bits_per_dim"][0] > 0
        assert encoded["log_prob"][0] != encoded["log_prob"][1]
    body = {"latents": encoded["latents"]}
    decoded = client.post(f"/api/v1/models/{name}/decode", json=body).json()
    assert len(decoded["images"]) == 2


def test_an_uploaded_image_is_encoded(client: TestClient) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 70), "teal").save(buffer, "PNG")
    text = base64.b64encode(buffer.getvalue()).decode()
    answer = client.post("/api/v1/models/vae/encode", json={"images": [text]})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "body", "status", "word"),
    [
        ("nobody", {}, 404, "no model"),
        ("vae", {"n": 0}, 422, "n:"),
        ("vae", {"n": 10**6}, 422, "n must be between 1 and 256"),
        ("vae", {"n": 10**400}, 422, "n must be"),
        ("diffusion", {"num_steps": 10**400}, 422, "num_steps"),
        ("diffusion", {"num_steps": "many"}, 422, "num_steps must be a whole number"),
        ("diffusion", {"prompt": None}, 422, "prompt"),
        ("diffusion", {"guidance_scale": True}, 422, "guidance_scale"),
        ("diffusion", {"prompt": "x" * 100_000}, 422, "prompt"),
        ("diffusion", {"num_steps": 0}, 422, "num_steps"),
        ("diffusion", {"guidance_scale": 99}, 422, "guidance_scale"),
        ("vae", {"seed": -1}, 422, "seed"),
        ("vae", {"sneed": 1}, 422, "sneed"),
        ("clip", {}, 422, "cannot sample"),
    ],
)
def test_bad_input_is_refused_in_words(
    client: TestClient, name: str, body: dict[str, Any], status: int, word: str
) -> None:
    answer = sample(client, name, **body)
    assert answer.status_code == status
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("encode", {}),
        ("encode", {"gallery": [256]}),
        ("encode", {"images": ["not an image"]}),
        ("decode", {"latents": [[1, 2, 3]]}),
        ("decode", {"latents": [[1], [1, 2]]}),
        ("decode", {"latents": ["a"]}),
    ],
)
def test_bad_latents_and_images_are_refused(
    client: TestClient, action: str, body: dict[str, Any]
) -> None:
    answer = client.post(f"/api/v1/models/vae/{action}", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_failing_model_is_the_server_s_fault(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("numerical trouble")

    monkeypatch.setattr("models.procedures.vae.VAESampler.step", fail)
    response = client.post("/api/v1/models/vae/sample", json={"seed": 123})
    assert response.status_code == 500
    assert response.json() == {"detail": "The model failed while drawing this."}


def test_broken_json_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/models/vae/sample", content=b"{", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_post_from_another_site_is_refused(client: TestClient) -> None:
    url = "/api/v1/models/vae/sample"
    assert client.post(url, json={}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post(url, json={}, headers={"origin": "http://evil.example"}).status_code == 403


def test_a_large_body_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/models/vae/encode", json={"images": ["A" * 3_000_000]})
    assert answer.status_code == 413


@pytest.mark.parametrize(("draining", "status"), [(False, 500), (True, 503)])
def test_what_a_shutdown_cut_short_may_be_asked_for_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, draining: bool, status: int
) -> None:
    async def fail(*_: object) -> None:
        raise PlayFailedError("It was ended.")

    monkeypatch.setattr(api, "answer", fail)
    context = client.app.state.context  # type: ignore[attr-defined]
    monkeypatch.setattr(context, "draining", draining)
    answer = sample(client, "vae")
    assert (answer.status_code, "Retry-After" in answer.headers) == (status, draining)
    assert answer.json()["detail"] == "It was ended."

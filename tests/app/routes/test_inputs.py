"""Inputs over HTTP."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def picture(color: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 70), color).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("kind", "sent"), [("picture", picture("teal")), ("drawing", b"\1" * 512)])
def test_what_was_sent_can_be_looked_at(client: TestClient, kind: str, sent: bytes) -> None:
    reference = client.post(f"/inputs/{kind}", content=sent).json()["reference"]
    shown = client.get(f"/inputs/{kind}/{reference}.png")
    assert shown.headers["content-type"] == "image/png"
    assert "immutable" in shown.headers["cache-control"]
    with Image.open(io.BytesIO(shown.content)) as image:
        assert image.size == ((128, 128) if kind == "picture" else (64, 64))


def test_what_cannot_be_read_is_refused_in_words(client: TestClient) -> None:
    answer = client.post("/inputs/picture", content=b"no picture")
    assert answer.status_code == 422
    assert "PNG, JPEG or WebP" in answer.json()["detail"]


def test_unknown_kinds_and_references_are_not_found(client: TestClient) -> None:
    assert client.post("/inputs/smell", content=b"x").status_code == 404
    assert client.get(f"/inputs/picture/{'0' * 32}.png").status_code == 404


def test_another_site_may_not_send_inputs(client: TestClient) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert client.post("/inputs/drawing", content=b"\1" * 512, headers=headers).status_code == 403

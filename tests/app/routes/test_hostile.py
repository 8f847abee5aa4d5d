"""Pictures and numbers that nobody sends by accident: refused in words, never a failure."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

HUGE = "9" * 400
LONGER = "9" * 5000  # more digits than Python reads
JSON = {"content-type": "application/json"}


def huge_png(side: int) -> str:
    """A PNG of so many black pixels, in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    size = side.to_bytes(4, "big")
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + b"\x01\x00\x00\x00\x00")
    file += chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    return base64.b64encode(file).decode()


@pytest.mark.parametrize("side", [3_000, 9_500, 14_000, 20_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_huge_picture_is_refused_with_the_limit(client: TestClient, side: int) -> None:
    body = {"images": [huge_png(side)]}
    answer = client.post("/api/v1/models/vae/encode", json=body)
    assert answer.status_code == 422
    assert "at most 4,000,000 pixels" in answer.json()["detail"]


@pytest.mark.parametrize("number", [HUGE, f"-{HUGE}", "1e999", "1" + "0" * 39])
@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("decode", '{"latents": [[NUMBER]]}'),
        ("decode", '{"latents": [NUMBER]}'),
        ("encode", '{"gallery": [NUMBER]}'),
        ("encode", '{"gallery": [1], "seed": NUMBER}'),
        ("sample", '{"n": NUMBER}'),
        ("sample", '{"seed": NUMBER}'),
        ("sample", '{"num_steps": NUMBER}'),
        ("sample", '{"temperature": NUMBER}'),
        ("sample", '{"guidance_scale": NUMBER}'),
    ],
)
def test_a_number_without_end_is_refused(
    client: TestClient, action: str, body: str, number: str
) -> None:
    answer = client.post(
        f"/api/v1/models/vae/{action}", content=body.replace("NUMBER", number), headers=JSON
    )
    assert answer.status_code == 422
    assert 10 < len(answer.json()["detail"]) < 510


def test_a_number_that_python_does_not_read_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/models/vae/decode", content=f'{{"latents": [[{LONGER}]]}}', headers=JSON
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "number", [HUGE, LONGER, f"-{HUGE}", "1e999", "nan", "inf", "0x10", "٣" * 400]
)
@pytest.mark.parametrize(
    "path",
    [
        "/slides/NUMBER",
        "/slides/NUMBER/play",
        "/gallery/NUMBER.png",
        "/slides/1?seed=NUMBER",
        "/slides/1?first=NUMBER",
        "/slides/4?num_steps=NUMBER",
        "/slides/4?guidance_scale=NUMBER",
        "/slides/4/stage?num_steps=NUMBER",
        "/slides/4/play?num_steps=NUMBER",
        "/slides/3?demo=flow&temperature=NUMBER",
    ],
)
def test_an_address_with_a_number_without_end_is_a_page_that_says_so(
    client: TestClient, page_headers: dict[str, Any], path: str, number: str
) -> None:
    page = client.get(path.replace("NUMBER", number), headers=page_headers)
    assert page.status_code in (404, 422)
    assert page.headers["content-type"].startswith("text/html")
    assert len(page.text) < 20_000

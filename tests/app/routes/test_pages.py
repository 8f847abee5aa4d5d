"""Cover, slides, presenter view, errors."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest

from app.deck.deck import shipped
from app.engine import EngineFullError
from app.middleware import HEADERS
from app.routes import api
from models.data.captions.vocabulary import WORDS
from tests.support.demos import DEMOS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.demos.demo import Demo


def test_the_cover_begins(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    for node in ("VAE", "GAN", "Flow", "Diffusion", "Compare", "Winner"):
        assert f'class="node">{node}<' in page.text
    assert "– / 8" in page.text


def test_a_model_draws_for_the_cover(client: TestClient) -> None:
    answer = client.get("/cover/vae.png?seed=3")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert client.get("/cover/vae.png?seed=3").content == answer.content
    assert client.get("/cover/vae.png?seed=-1").status_code == 422


@pytest.mark.parametrize(("name", "busy"), [("vae", True), ("nobody", False)])
def test_without_a_picture_the_cover_is_told_of_no_error(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str, busy: bool
) -> None:
    async def full(*_: object) -> None:
        raise EngineFullError(retry_after=1)

    if busy:
        monkeypatch.setattr(api, "answer", full)
    answer = client.get(f"/cover/{name}.png?seed=0")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("slide", shipped().outline, ids=lambda s: str(s.number))
def test_a_slide_says_all_its_facts(client: TestClient, slide: object) -> None:
    outline = next(s for s in shipped().outline if s is slide)
    page = client.get(f"/slides/{outline.number}")
    assert page.status_code == 200
    text = html.unescape(page.text)
    for section in outline.sections:
        for item in section.items:
            assert item in text
    assert outline.insight in text
    assert f"{outline.number} / 8" in text
    assert "data-play" in text


def test_a_partial_is_only_the_slide(client: TestClient) -> None:
    page = client.get("/slides/3", headers={"hx-request-type": "partial"})
    assert "<html" not in page.text
    assert page.text.lstrip().startswith("<article")
    assert "HX-Request-Type" in page.headers["vary"]


@pytest.mark.parametrize("path", ["/", "/slides/1", "/slides/99", "/about", "/docs", "/healthz"])
def test_every_response_is_secured(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    for name in HEADERS:
        assert name in headers
    assert "script-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/presenter", "/about", "/docs", "/openapi.json"])
def test_other_pages_answer(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert 'src="http' not in page.text


def test_every_word_of_prompts_is_listed(client: TestClient) -> None:
    page = html.unescape(client.get("/about").text)
    assert f"The {len(WORDS)} words that prompts may use" in page
    assert " · ".join(sorted(WORDS)) in page


def test_the_lit_node_wears_the_slides_accent(client: TestClient) -> None:
    for slide in shipped().outline:
        lit = f'<li data-accent="{slide.accent}" class="lit">'
        assert client.get(f"/slides/{slide.number}").text.count(lit) == 1


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/slides/9", 404, "no slide 9"),
        ("/nowhere", 404, "no such page"),
        ("/slides/4?demo=dance", 404, "no demo"),
        ("/slides/4?num_steps=5000", 422, "num_steps"),
        ("/slides/4?solver=magic", 422, "solver"),
        ("/slides/1?first=300", 422, "first"),
        ("/slides/one", 422, "number"),
    ],
)
def test_errors_are_pages_for_people_and_json_for_scripts(
    client: TestClient, page_headers: dict[str, str], path: str, status: int, word: str
) -> None:
    page = client.get(path, headers=page_headers)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert word in html.unescape(page.text)
    answer = client.get(path, headers={"accept": "application/json"})
    assert answer.status_code == status
    assert word in answer.json()["detail"]


FOREIGN = "utm_source=moodle&fbclid=IwAR0&forceview=1&what=%3Cb%3E"


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
def test_foreign_parameters_are_ignored_and_lead_nowhere(client: TestClient, demo: Demo) -> None:
    own = f"demo={demo.name}&seed=77"
    for path in (f"/slides/{demo.slide}", f"/slides/{demo.slide}/stage"):
        page = client.get(f"{path}?{FOREIGN}&{own}")
        assert page.status_code == 200
        assert page.text == client.get(f"{path}?{own}").text
        assert "utm_source" not in page.text


@pytest.mark.parametrize("path", ["/", "/about", "/status", "/presenter", "/docs"])
def test_foreign_parameters_are_ignored_by_every_page(client: TestClient, path: str) -> None:
    page = client.get(f"{path}?{FOREIGN}")
    assert page.status_code == 200
    assert "utm_source" not in page.text


def test_a_play_ignores_foreign_parameters(client: TestClient) -> None:
    stream = {"accept": "text/event-stream"}
    play = client.get(f"/slides/1/play?demo=reconstruct&{FOREIGN}", headers=stream)
    assert play.status_code == 200
    assert "data-done" in play.text


@pytest.mark.parametrize("name", ["seed=-1", "seed=x", "first=999"])
def test_among_foreign_parameters_a_bad_value_is_still_named(
    client: TestClient, page_headers: dict[str, str], name: str
) -> None:
    page = client.get(f"/slides/1?{FOREIGN}&{name}", headers=page_headers)
    assert page.status_code == 422
    assert f"{name.partition('=')[0]}:" in page.text


def test_an_emptied_number_means_its_default(client: TestClient) -> None:
    asked = client.get("/slides/1?demo=interpolate&seed=&a=&b=7")
    assert asked.status_code == 200
    assert asked.text == client.get("/slides/1?demo=interpolate&b=7").text


def test_parameters_of_the_address_fill_the_controls(client: TestClient) -> None:
    text = client.get("/slides/4?demo=denoise&num_steps=33&seed=77&prompt=red+bob").text
    assert 'value="77"' in text
    assert 'value="33.0"' in text or 'value="33"' in text
    assert 'value="red bob"' in text


def test_notes_are_hidden_unless_asked_for(client: TestClient) -> None:
    assert '<aside class="notes" hidden' in client.get("/slides/2").text
    assert '<aside class="notes"  data-notes' in client.get("/slides/2?notes=1").text


def test_a_link_reader_is_told_what_a_page_depends_on(client: TestClient) -> None:
    for path in ("/", "/slides/3", "/slides/99", "/status"):
        assert (
            "HX-Request-Type" in client.get(path, headers={"accept": "text/html"}).headers["vary"]
        )


def test_gallery_faces(client: TestClient) -> None:
    assert client.get("/gallery/0.png").headers["content-type"] == "image/png"
    assert client.get("/gallery/256.png").status_code == 404

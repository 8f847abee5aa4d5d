"""The deck to print, and short addresses."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from app.deck.deck import shipped
from app.engine import EngineFullError
from app.factory import create_app
from app.settings import Settings
from tests.support.stand_ins import stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.stand_ins import StandIn


@pytest.fixture
def printer() -> Iterator[tuple[TestClient, list[StandIn]]]:
    """An app whose Plays need no model."""
    app = create_app(Settings(warm_up=False))
    app.state.context.demos, plays = stand_ins([])
    with TestClient(app) as running:
        yield running, plays


def sheets(text: str) -> list[str]:
    return text.split('<article class="sheet"')[1:]


def test_each_slide_is_a_sheet_with_its_words_and_still(printer) -> None:
    client, _ = printer
    page = client.get("/print")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    found = sheets(page.text)
    assert len(found) == 8
    for slide, sheet in zip(shipped().outline, found, strict=True):
        told = html.unescape(sheet)
        assert f"{slide.number} · {slide.title}" in told
        for item in (*(i for s in slide.sections for i in s.items), slide.insight):
            assert item in told
        assert f"Stand-in {slide.number}." in told
        assert f"Still {slide.number} at step 3." in told
        assert sheet.count('src="data:image/') == 1
        assert f'<a class="address" href="/{slide.number}">testserver/{slide.number}</a>' in sheet
    assert "FD: real faces score" in found[4]
    assert "press a value" not in page.text


def test_notes_are_there_for_who_wants_them(printer) -> None:
    client, _ = printer
    notes = [note for slide in shipped().outline for note in slide.notes]
    plain = html.unescape(client.get("/print").text)
    noted = html.unescape(client.get("/print?notes=yes").text)
    assert not any(note in plain for note in notes)
    assert all(note in noted for note in notes)
    assert client.get("/print?notes=perhaps").status_code == 422


def test_it_needs_no_script_and_has_no_style_of_its_own(printer) -> None:
    client, _ = printer
    text = client.get("/print").text
    assert "<script" not in text
    assert "<style" not in text
    assert not re.search(r"\sstyle=", text)
    assert 'name="robots" content="noindex"' in text


def test_a_full_engine_is_said_and_a_browser_told_when_to_come_back(printer) -> None:
    client, plays = printer
    plays[0].error = EngineFullError(retry_after=5)
    page = client.get("/print", headers={"accept": "text/html"})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "5"


def test_addresses_are_those_that_people_use() -> None:
    settings = Settings(
        warm_up=False, public_origin="https://deck.example.org", root_path="/course"
    )
    app = create_app(settings)
    app.state.context.demos, _ = stand_ins([])
    with TestClient(app) as client:
        text = client.get("/print").text
        moved = client.get("/4", follow_redirects=False)
    assert '<a class="address" href="/course/4">deck.example.org/course/4</a>' in text
    assert moved.headers["location"] == "/course/slides/4"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/1", "/slides/1"),
        ("/8", "/slides/8"),
        ("/4?demo=noising&t=3", "/slides/4?demo=noising&t=3"),
    ],
)
def test_short_addresses_lead_to_slides(client: TestClient, path: str, place: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 307
    assert answer.headers["location"] == place


@pytest.mark.parametrize("path", ["/0", "/9", "/44", "/" + "4" * 5000, "/4/"])
def test_there_are_no_other_short_addresses(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404 or answer.url.path == "/slides/4"


def test_the_overview_leads_to_the_print(client: TestClient) -> None:
    assert '<a href="/print" rel="nofollow">' in client.get("/").text

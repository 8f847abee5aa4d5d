"""Static files: kept for ever under the hash of their content, asked for anew without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.assets import FOREVER, Assets, version

FILE = Path(__file__).parents[2] / "static" / "css" / "tokens.css"


def current(path: Path) -> str:
    return version(str(path), path.stat().st_mtime_ns)


def test_a_hashed_address_is_immutable(client: TestClient) -> None:
    answer = client.get(f"/static/css/tokens.css?v={current(FILE)}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == FOREVER
    assert answer.content == FILE.read_bytes()


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?w=1", "?v=%00", "?v=%ff"])
def test_any_other_address_is_asked_for_anew(client: TestClient, query: str) -> None:
    answer = client.get(f"/static/css/tokens.css{query}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get(
        f"/static/css/tokens.css{query}", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


def test_the_address_of_the_folder_s_own_templates_is_immutable(client: TestClient) -> None:
    asked = client.get(f"/static/css/tokens.css?v={current(FILE)}")
    kept = client.get(
        f"/static/css/tokens.css?v={current(FILE)}",
        headers={"if-none-match": asked.headers["etag"]},
    )
    assert (kept.status_code, kept.headers["cache-control"]) == (304, FOREVER)


def test_after_an_upgrade_the_old_address_is_not_kept(tmp_path: Path) -> None:
    app = FastAPI()
    app.mount("/static", Assets(directory=tmp_path))
    script = tmp_path / "deck.js"
    script.write_text("old", encoding="utf-8")
    old = current(script)
    client = TestClient(app)
    before = client.get(f"/static/deck.js?v={old}")
    assert before.headers["cache-control"] == FOREVER

    times = script.stat().st_atime_ns, script.stat().st_mtime_ns + 1
    script.write_text("new", encoding="utf-8")  # of the same length
    os.utime(script, ns=times)
    stale = client.get(
        f"/static/deck.js?v={old}", headers={"if-none-match": before.headers["etag"]}
    )
    assert (stale.status_code, stale.text) == (200, "new")
    assert stale.headers["cache-control"] == "no-cache"
    fresh = client.get(f"/static/deck.js?v={current(script)}")
    assert (fresh.text, fresh.headers["cache-control"]) == ("new", FOREVER)


def test_no_file_outside_the_folder_is_served(client: TestClient) -> None:
    assert client.get("/static/../app/settings.py").status_code == 404
    assert client.get("/static/css").status_code == 404

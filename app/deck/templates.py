"""Jinja2 templates of pages, slides and frames, and the addresses that stand in them."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import pass_context
from jinja2.runtime import Context

from app.assets import version
from app.deck.deck import Deck, shipped

FOLDER = Path(__file__).resolve().parent.parent.parent
STATIC = FOLDER / "static"


def prefix(request: Request) -> dict[str, str]:
    """``root``: the path under which a reverse proxy shows the deck, empty without one."""
    return {"root": str(request.scope.get("root_path", "")).rstrip("/")}


def words(request: Request) -> dict[str, Deck]:
    """``deck``: that of the app that answers, the shipped one for parts of an app alone."""
    state = getattr(request.scope.get("app"), "state", None)
    context = getattr(state, "context", None)
    return {"deck": shipped() if context is None else context.deck}


@pass_context
def asset(context: Context, name: str) -> str:
    """Address of a file of ``static/``, with a hash of its content: it may be kept for ever.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = STATIC / name
    return f"{context['root']}/static/{name}?v={version(str(path), path.stat().st_mtime_ns)}"


templates = Jinja2Templates(directory=FOLDER / "templates", context_processors=[prefix, words])
templates.env.trim_blocks = True
templates.env.lstrip_blocks = True
templates.env.globals |= {"root": "", "asset": asset}

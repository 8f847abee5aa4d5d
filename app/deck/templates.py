"""Jinja2 templates of pages, slides and frames."""

from __future__ import annotations

from pathlib import Path

from fastapi.templating import Jinja2Templates

templates = Jinja2Templates(directory=Path(__file__).resolve().parent.parent.parent / "templates")
templates.env.trim_blocks = True
templates.env.lstrip_blocks = True

"""Frames and streams as the server sends them, for tests that play the server."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def frame(step: int, total: int, text: str = "") -> str:
    """One frame that shows ``text``, which is HTML; the last of ``total`` says that it is."""
    done = " data-done" if step == total else ""
    said = text or f"Frame {step}."
    report = escape(said)
    return (
        f'<li class="frame" data-step="{step}" data-total="{total}"{done} data-report="{report}">'
        f'<div class="said"><p class="message">{said}</p></div></li>'
    )


def stream(steps: Iterable[int], total: int, ids: bool = True) -> str:
    """Server-sent events of some of the frames of a Play, with a comment after each."""
    parts = []
    for step in steps:
        name = f"id: {step}\n" if ids else ""
        parts.append(f"{name}data: {frame(step, total)}\n\n: keep-alive\n\n")
    return "".join(parts)


def frames(text: str) -> list[str]:
    """The frames of an event stream, each with all of its lines."""
    events = [part for part in text.split("\n\n") if part.strip()]
    lines = [[line for line in event.splitlines() if line.startswith("data: ")] for event in events]
    return ["\n".join(line.removeprefix("data: ") for line in part) for part in lines]

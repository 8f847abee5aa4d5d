"""Plays that need no model, one for each slide: each shows a face of the gallery."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.deck.gallery import faces
from app.demos.demo import Demo, Frame
from app.demos.kit import Picture, Row, Scene
from app.demos.parameters import Parameters
from app.demos.registry import Demos

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from app.context import Context


class StandIn(Demo[Parameters]):
    """Three frames, ``pause`` seconds apart, or an error; it writes down what runs when."""

    name, hint, family = "stand-in", "Look at it.", "vae"
    models = ("vae",)
    pause = 0.0
    error: Exception | None = None

    def __init__(self, slide: int, diary: list[str]) -> None:
        self.slide, self.title = slide, f"Stand-in {slide}"  # type: ignore[misc]
        self.diary = diary

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        self.diary.append(f"begin {self.slide}")
        try:
            for step in (1, 2, 3):
                await asyncio.sleep(self.pause)
                if self.error is not None:
                    raise self.error
                face = Picture(faces([self.slide]), "A face", "a face", result=True)
                scene = Scene(Row((face,)), f"Face {self.slide} at step {step}.")
                note = f"Still {self.slide} at step {step}."
                yield Frame(note, step, 3, None, step == 3, scene=scene)
        finally:
            self.diary.append(f"end {self.slide}")


def stand_ins(diary: list[str]) -> tuple[Demos, list[StandIn]]:
    """All of them, as an app has its Plays."""
    plays = [StandIn(slide, diary) for slide in range(1, 9)]
    return Demos().replaced(plays), plays

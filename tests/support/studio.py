"""A Play of five events that counts what is asked of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.plays import Play, Plays, Reader

ALL = list(range(5))


class Studio:
    """Publishes steps 0 … 4, the last with a result, ``pause`` seconds apart."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.begun = self.ended = 0
        self.made: list[int] = []
        self.play: Play[str] | None = None

    async def work(self, play: Play[str]) -> None:
        self.play = play
        self.begun += 1
        try:
            for step in ALL:
                self.made.append(step)
                play.publish(f"frame {step}", step, "the end" if step == ALL[-1] else None)
                await asyncio.sleep(self.pause)
        finally:
            self.ended += 1

    def join(
        self, plays: Plays, key: str = "key", urgent: bool = False, after: str = ""
    ) -> Reader[str]:
        return plays.join(key, self.work, "a", urgent, after)


def step(event: bytes) -> int:
    """Which step an event shows."""
    return int(event.split(b"\n")[0].removeprefix(b"data: frame "))


def name(event: bytes) -> str:
    """The id of an event."""
    (line,) = [line for line in event.decode().splitlines() if line.startswith("id: ")]
    return line.removeprefix("id: ")


async def steps(reader: Reader[str]) -> list[int]:
    """All steps that a reader sees before it leaves."""
    try:
        return [step(event) async for event in reader.events()]
    finally:
        reader.leave()

"""Wear the running deck: many streams opened and closed, then a full hall for minutes.

python -m scripts.soak                                        10,000 streams, 10 minutes
python -m scripts.soak --streams 200 --minutes 0.2 --clients 20

Exits with 1 if memory, descriptors, threads or the engine do not come back to where they were, or
if anything but a deliberate 503 goes wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.demos.registry import Demos
from models.runtime.hardware import hardware
from scripts.bars import Bar, judgement
from scripts.browsing import Seen, Target, get, load_page, press
from scripts.process import MIB, Usage, usage
from scripts.serving import Server, server, warmed

if TYPE_CHECKING:
    from collections.abc import Sequence

WARM_UP = 500
"""Streams after which memory should have stopped to grow."""
GROWTH = 5
"""Most per cent that memory may have grown since."""
AT_ONCE = 16
"""Streams open at the same time."""
SETTLED_WITHIN = 30.0
"""Seconds that the server has to notice that everybody left."""
PAUSE = 0.5
"""Seconds between two Plays of a browser, an error between them included."""
FACES = 256


@dataclass(frozen=True)
class State:
    """What the server uses, and how many plays its engine runs and has waiting."""

    used: Usage
    active: int
    waiting: int


@dataclass
class Tally:
    """What browsers met: ends, streams left, 503s, and errors with their number."""

    ended: int = 0
    left: int = 0
    shed: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, seen: Seen) -> None:
        """Count one press."""
        self.shed += seen.shed
        if seen.error:
            self.errors[seen.error] += 1
        elif seen.last is None:
            self.left += 1
        else:
            self.ended += 1

    def __str__(self) -> str:
        """One line, and a line for each of the most frequent errors."""
        line = (
            f"{self.ended} ended, {self.left} left, {self.shed} shed, {self.errors.total()} errors"
        )
        return "\n".join([line, *(f"  {n} × {text}" for text, n in self.errors.most_common(5))])


async def state(running: Server) -> State:
    """Look at the server.

    Raises:
        OSError, EOFError, LookupError: it does not answer, or is not ready.
    """
    used = usage(running.pid)  # before the question, which takes a descriptor
    ready = json.loads(await get(Target.of(running.address), "/readyz"))
    return State(used, ready["active"], ready["waiting"])


async def settled(running: Server, like: State | None = None) -> State:
    """The state once the engine is idle and no more is open than there was, or time is over.

    Args:
        like: an earlier state; without one, only the engine is waited for.
    """
    end = time.monotonic() + SETTLED_WITHIN
    await asyncio.sleep(1)  # for connections that are just closing
    while True:
        now = await state(running)
        idle = now.active == now.waiting == 0
        if idle and (like is None or _no_more(now.used, like.used)):
            return now
        if time.monotonic() > end:
            return now
        await asyncio.sleep(0.2)


def _no_more(now: Usage, then: Usage) -> bool:
    return now.descriptors <= then.descriptors and now.threads <= then.threads


async def open_and_close(
    target: Target, numbers: range, tally: Tally, at_once: int = AT_ONCE
) -> None:
    """Streams of a cheap Play: every third closed at once, after a picture, read to the end."""
    todo = iter(numbers)

    async def browser() -> None:
        for number in todo:
            play = f"/slides/1/play?demo=reconstruct&seed={number}&first={number % FACES}"
            patience = (0, 1, None)[number % 3]
            tally.add(await press(target, play, patience, seconds=60))

    await asyncio.gather(*(browser() for _ in range(at_once)))


async def run_streams(running: Server, streams: int) -> tuple[Tally, State, State]:
    """What browsers met, and the server after a warm-up and after all streams."""
    target, tally = Target.of(running.address), Tally()
    warm_up = min(WARM_UP, streams // 2)
    await open_and_close(target, range(warm_up), tally)
    before = await settled(running)
    await open_and_close(target, range(warm_up, streams), tally)
    return tally, before, await settled(running, before)


async def run_hall(running: Server, clients: int, seconds: float) -> tuple[Tally, State]:
    """Browsers that press one Play after the other, all demos in turn, until the time is over.

    Plays under way then are left.
    """
    target, tally, demos = Target.of(running.address), Tally(), list(Demos())

    async def browser(index: int) -> None:
        turn = index
        while True:
            demo = demos[turn % len(demos)]
            if error := await load_page(target, demo.slide):
                tally.errors[error] += 1
            play = f"/slides/{demo.slide}/play?demo={demo.name}&seed={index * 10_000 + turn}"
            tally.add(await press(target, play, seconds=seconds))
            await asyncio.sleep(PAUSE)
            turn += 1

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(browser(i) for i in range(clients)))
    return tally, await settled(running)


def stream_bars(tally: Tally, before: State, after: State) -> list[Bar]:
    """What is asked after the streams."""
    then, now = before.used, after.used
    growth = 100 * (now.resident - then.resident) / then.resident
    return [
        Bar("errors while opening and closing", tally.errors.total(), most=0),
        Bar("memory's growth, %", growth, most=GROWTH),
        Bar("descriptors", now.descriptors, most=then.descriptors),
        Bar("threads", now.threads, most=then.threads),
        Bar("plays running or waiting", after.active + after.waiting, most=0),
    ]  # fmt: skip


def hall_bars(tally: Tally, after: State) -> list[Bar]:
    """What is asked after the full hall."""
    return [
        Bar("errors in the full hall", tally.errors.total(), most=0),
        Bar("Plays that came to their end", tally.ended, least=1),
        Bar("plays running or waiting after it", after.active + after.waiting, most=0),
    ]


def describe(moment: State) -> str:
    """One line."""
    used = moment.used
    return (
        f"{used.resident / MIB:.1f} MiB, {used.descriptors} descriptors, {used.threads} threads, "
        f"{moment.active} running, {moment.waiting} waiting"
    )


def conclude(bars: Sequence[Bar]) -> int:
    """Print the bars; 1 if one is missed, else 0."""
    print(f"\n{judgement(bars)}")
    return int(not all(bar.met for bar in bars))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--streams", type=int, default=10_000, help="opened and closed (default: %(default)s)")
    add("--minutes", type=float, default=10, help="of the full hall (default: %(default)g)")
    add("--clients", type=int, default=300, help="in the full hall (default: %(default)s)")
    args = parser.parse_args(arguments)
    bars: list[Bar] = []
    with server() as running:
        warmed(running.address)
        print(hardware("cpu"), flush=True)
        tally, before, after = asyncio.run(run_streams(running, args.streams))
        print(f"{args.streams} streams: {tally}", flush=True)
        print(f"  after the warm-up  {describe(before)}\n  after all          {describe(after)}")
        bars += stream_bars(tally, before, after)
        tally, after = asyncio.run(run_hall(running, args.clients, args.minutes * 60))
        print(f"{args.minutes:g} minutes, {args.clients} clients: {tally}")
        print(f"  after it           {describe(after)}")
        bars += hall_bars(tally, after)
    return conclude(bars)


if __name__ == "__main__":
    sys.exit(main())

"""A lecture hall presses Play: many browsers at once on the running deck, and what they wait for.

python -m scripts.load                                          everything, some minutes
python -m scripts.load --clients 1,30 --queue 30 --json FILE    less of it, also as JSON

Every crowd presses with identical and with different seeds, then with different seeds on a server
that takes one Play after the other, and on one that moreover runs it by torch alone. Server and
browsers share this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from app.presenter import COOKIE
from models.runtime.hardware import hardware
from scripts.bars import Bar, Spread, judgement, number, table
from scripts.browsing import Seen, Target, load_page, press
from scripts.counters import Counted, between, look
from scripts.process import MIB, Usage, usage
from scripts.serving import Server, server, warmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PRESENTER = {"GMFT_PRESENTER_KEY": secrets.token_urlsafe(9)}
ONE_AT_A_TIME = {"GMFT_MAX_ACTIVE": "1", "GMFT_BATCH_ROWS": "1"}
AS_PEERS = {**ONE_AT_A_TIME, "GMFT_ACCELERATE": "no"}
"""One Play after the other, run by torch alone, as a demonstration's queue usually does."""
SOLO_RUNS = 3
SHARED_RUNS = 3
"""Crowds of identical Plays, which take half a second; the one of median cost is told."""
LEAVE_AFTER = 10
"""Pictures that a browser sees before it leaves midway."""
SECOND_PRESS = 0.3
"""Seconds between two presses of the impatient."""
PRESENTER_EVERY = 1.0
"""Seconds after which the presenter presses again while the crowd is served: one first picture, a
few milliseconds, is as soon thrice as long by chance."""


class Role(Enum):
    """How a browser behaves."""

    STAYS = "reads to the end"
    LEAVES = "leaves midway"
    TWICE = "presses twice"


def role(index: int) -> Role:
    """A tenth leaves, a tenth presses twice."""
    return {3: Role.LEAVES, 7: Role.TWICE}.get(index % 10, Role.STAYS)


@dataclass(frozen=True)
class Plan:
    """Which Play is pressed, and the most seconds that a browser waits for its end."""

    slide: int = 4
    demo: str = "denoise"
    limit: float = 900

    def play(self, seed: int) -> str:
        """The Play's path and query."""
        return f"/slides/{self.slide}/play?demo={self.demo}&seed={seed}"


@dataclass(frozen=True)
class Crowd:
    """Browsers that press at the same moment.

    Attributes:
        clients: how many.
        identical: whether they share a seed.
        base: the first seed; no two crowds of one server may share any.
    """

    clients: int
    identical: bool
    base: int

    def seed(self, index: int) -> int:
        """Of one browser."""
        return self.base if self.identical else self.base + index


@dataclass(frozen=True)
class Solo:
    """One Play alone, medians of a few.

    Attributes:
        first, last: seconds to the first and the last picture.
        cpu, compute: CPU seconds of the server, of all and without its event loop.
    """

    first: float
    last: float
    cpu: float
    compute: float


@dataclass(frozen=True)
class Case:
    """What a crowd has seen and what it cost.

    Attributes:
        clients, identical: the crowd.
        seconds: from the press to the end of the last Play.
        answered, first, last: seconds to the first event, first picture and end.
        frames_per_second: of the median browser, ``None`` if nobody saw two frames.
        shed: answers 503 that were obeyed.
        complaints: what went wrong, one line a browser.
        counted: from the server's metrics, ``None`` if it has none.
        resident: bytes of the server's memory in the end.
        cpu, compute: CPU seconds of the server, of all and without its event loop.
        own_cpu: CPU seconds of the browsers.
        presenter: seconds to the first pictures of more Plays under this load.
    """

    clients: int
    identical: bool
    seconds: float
    answered: Spread | None
    first: Spread | None
    last: Spread | None
    frames_per_second: float | None
    shed: int
    complaints: list[str]
    counted: Counted | None
    resident: int
    cpu: float
    compute: float
    own_cpu: float
    presenter: Spread | None

    @property
    def seeds(self) -> str:
        """In a word."""
        return "identical" if self.identical else "different"


@dataclass(frozen=True)
class Report:
    """All of a run: one Play alone, crowds on the batching engine, crowds on two queues.

    Attributes:
        queue: one Play after the other, as fast as the engine runs it.
        peers: one Play after the other by torch alone.
    """

    hardware: str
    plan: Plan
    solo: Solo
    batching: list[Case]
    queue: list[Case] = field(default_factory=list)
    peers: list[Case] = field(default_factory=list)


async def browse(target: Target, plan: Plan, play: str, behaviour: Role) -> Seen:
    """One browser, from its press on."""
    if behaviour is Role.LEAVES:
        return await press(target, play, patience=LEAVE_AFTER, seconds=plan.limit)
    if behaviour is Role.TWICE:
        given_up = await press(target, play, seconds=SECOND_PRESS)
        seen = await press(target, play, seconds=plan.limit)
        seen.shed += given_up.shed
        return seen
    return await press(target, play, seconds=plan.limit)


async def presenter(
    target: Target, plan: Plan, seed: int, crowd: asyncio.Future[list[Seen]]
) -> list[Seen]:
    """One more Play to its first picture, and the next, until the crowd is done."""
    presenting = replace(target, cookie=f"{COOKIE}={PRESENTER['GMFT_PRESENTER_KEY']}")
    presses: list[Seen] = []
    await asyncio.sleep(PRESENTER_EVERY)
    while not crowd.done():
        play = plan.play(seed + len(presses))
        presses.append(await press(presenting, play, patience=1, seconds=plan.limit))
        await asyncio.sleep(PRESENTER_EVERY)
    return presses


async def run_crowd(running: Server, plan: Plan, crowd: Crowd, presents: bool = False) -> Case:
    """Load the pages, press all at once, wait for the last.

    Args:
        presents: whether a presenter presses too.
    """
    target = Target.of(running.address)
    pages = await asyncio.gather(*(load_page(target, plan.slide) for _ in range(crowd.clients)))
    before, counters = usage(running.pid), await look(target)
    began, own = time.perf_counter(), time.process_time()
    watching = asyncio.gather(
        *(browse(target, plan, plan.play(crowd.seed(i)), role(i)) for i in range(crowd.clients))
    )
    seed = crowd.base + crowd.clients
    probe = asyncio.create_task(presenter(target, plan, seed, watching)) if presents else None
    seen = await watching
    seconds, own = time.perf_counter() - began, time.process_time() - own
    after = usage(running.pid)
    presses = await probe if probe else []
    counted = between(counters, await look(target))
    complaints = [text for text in (*pages, *(s.error for s in (*seen, *presses))) if text]
    return _case(crowd, seen, (before, after), complaints, counted, (seconds, own), presses)


def _case(
    crowd: Crowd,
    seen: Sequence[Seen],
    used: tuple[Usage, Usage],
    complaints: list[str],
    counted: Counted | None,
    took: tuple[float, float],
    presses: Sequence[Seen],
) -> Case:
    before, after = used
    cpu = after.cpu - before.cpu
    rates = [s.frames_per_second for s in seen if s.frames_per_second is not None]
    return Case(
        clients=crowd.clients,
        identical=crowd.identical,
        seconds=took[0],
        answered=Spread.of([s.answered for s in seen if s.answered is not None]),
        first=Spread.of([s.first for s in seen if s.first is not None]),
        last=Spread.of([s.last for s in seen if s.last is not None]),
        frames_per_second=statistics.median(rates) if rates else None,
        shed=sum(s.shed for s in seen),
        complaints=complaints,
        counted=counted,
        resident=after.resident,
        cpu=cpu,
        compute=cpu - (after.loop_cpu - before.loop_cpu),
        own_cpu=took[1],
        presenter=Spread.of([s.first for s in presses if s.first is not None]),
    )


async def run_solo(running: Server, plan: Plan) -> Solo:
    """One Play after the other, each alone; the very first is not counted.

    Raises:
        SystemExit: a Play failed.
    """
    target = Target.of(running.address)
    runs = []
    for seed in range(SOLO_RUNS + 1):
        before = usage(running.pid)
        seen = await press(target, plan.play(seed), seconds=plan.limit)
        after = usage(running.pid)
        if seen.first is None or seen.last is None:
            sys.exit(f"a Play alone did not come to its end: {seen.error or 'no picture'}")
        cpu = after.cpu - before.cpu
        runs.append(Solo(seen.first, seen.last, cpu, cpu - (after.loop_cpu - before.loop_cpu)))
    columns = ([asdict(run)[name] for run in runs[1:]] for name in asdict(runs[0]))
    return Solo(*(statistics.median(column) for column in columns))


def run_batching(plan: Plan, clients: Sequence[int]) -> tuple[Solo, list[Case]]:
    """Every crowd, with identical and with different seeds, on a server as it is shipped."""
    with server(PRESENTER) as running:
        warmed(running.address)
        solo = asyncio.run(run_solo(running, plan))
        print(
            f"alone: first picture {solo.first:.3f} s, end {solo.last:.3f} s, CPU {solo.cpu:.2f} s"
        )
        cases = []
        for i, n in enumerate(clients):
            shared = [
                Crowd(n, identical=True, base=100_000 * (i + 1) + k) for k in range(SHARED_RUNS)
            ]
            runs = [asyncio.run(run_crowd(running, plan, crowd)) for crowd in shared]
            cases.append(sorted(runs, key=lambda run: run.compute)[SHARED_RUNS // 2])
            tell(cases[-1], "batching")
            crowd = Crowd(n, identical=False, base=100_000 * (i + 1) + SHARED_RUNS)
            cases.append(asyncio.run(run_crowd(running, plan, crowd, presents=n > 1)))
            tell(cases[-1], "batching")
        return solo, cases


def run_queue(
    plan: Plan, clients: Sequence[int], environment: Mapping[str, str], name: str
) -> list[Case]:
    """Crowds with different seeds on a server of this environment."""
    cases: list[Case] = []
    if not clients:
        return cases
    with server(environment) as running:
        warmed(running.address)
        asyncio.run(run_solo(running, plan))
        for i, n in enumerate(clients):
            crowd = Crowd(n, identical=False, base=100_000 * (i + 1))
            cases.append(asyncio.run(run_crowd(running, plan, crowd)))
            tell(cases[-1], name)
    return cases


def tell(case: Case, engine: str) -> None:
    """One line while it runs, and the first complaints."""
    print(f"{case.clients} clients, {case.seeds} seeds, {engine}: {case.seconds:.1f} s", flush=True)
    for complaint in case.complaints[:3]:
        print(f"  {complaint}")


def overview(report: Report) -> str:
    """All cases as a table: seconds, counts, MiB."""
    head = "clients, seeds, engine|end|answer 50|first 50|95|99|last 50|95|99|frames/s|shed|errors"
    rows = [f"{head}|batch|coalesced|RSS|CPU|compute|own CPU|presenter".split("|")]
    kinds = (("batching", report.batching), ("queue", report.queue), ("torch queue", report.peers))
    for engine, cases in kinds:
        rows += [_row(case, engine) for case in cases]
    return table(rows)


def _row(case: Case, engine: str) -> list[str]:
    counted = case.counted
    return [
        f"{case.clients} {case.seeds}, {engine}",
        number(case.seconds),
        number(case.answered.p50 if case.answered else None),
        *_three(case.first),
        *_three(case.last),
        number(case.frames_per_second, 1),
        str(case.shed),
        str(len(case.complaints)),
        number(counted.batch if counted else None, 1),
        number(counted.coalesced if counted else None, 0),
        number(case.resident / MIB, 0),
        number(case.cpu),
        number(case.compute),
        number(case.own_cpu),
        number(case.presenter.p50 if case.presenter else None),
    ]


def _three(spread: Spread | None) -> list[str]:
    values = (spread.p50, spread.p95, spread.p99) if spread else (None, None, None)
    return [number(value) for value in values]


def bars(report: Report) -> list[Bar]:
    """What is asked of the largest crowds; what smaller ones measured is told beside it."""
    identical = {c.clients: c for c in report.batching if c.identical}
    different = {c.clients: c for c in report.batching if not c.identical and c.clients > 1}
    cases = (*report.batching, *report.queue, *report.peers)
    errors = sum(len(c.complaints) for c in cases)
    return [
        Bar("errors of all crowds", errors, most=0),
        *_sharing(identical, report.solo),
        *_sooner(different, {c.clients: c for c in report.queue}),
        *_sooner_than_peers(different, report.peers),
        *_presenting(different, report.solo),
    ]


def _sharing(identical: Mapping[int, Case], solo: Solo) -> list[Bar]:
    crowds = sorted(identical)
    if not crowds or crowds[-1] == 1:
        return []
    case = identical[crowds[-1]]
    of = f"{case.clients} identical Plays / of one"
    told = [Bar(f"CPU of {of}, with the event loop", _ratio(case.cpu, solo.cpu))]
    one = identical.get(1)
    if one and one.counted and case.counted:
        told.append(Bar(f"model steps of {of}", _ratio(case.counted.steps, one.counted.steps)))
    text = f"CPU of {of}, without the event loop, which sends"
    first = case.first.p95 if case.first else None
    return [
        Bar(text, _ratio(case.compute, solo.compute), most=1.1),
        *told,
        Bar(f"first picture of {case.clients} identical Plays, seconds at p95", first, most=1),
    ]


def _sooner(different: Mapping[int, Case], queue: Mapping[int, Case]) -> list[Bar]:
    both = sorted(different.keys() & queue.keys())
    return [
        Bar(
            f"times sooner than one Play after the other, {n} different",
            _ratio(queue[n].seconds, different[n].seconds),
            least=5 if n == both[-1] else None,
        )
        for n in both
    ]


def _sooner_than_peers(different: Mapping[int, Case], peers: Sequence[Case]) -> list[Bar]:
    return [
        Bar(
            f"times sooner than that by torch alone, {case.clients} different",
            _ratio(case.seconds, different[case.clients].seconds),
        )
        for case in peers
        if case.clients in different
    ]


def _presenting(different: Mapping[int, Case], solo: Solo) -> list[Bar]:
    return [
        bar
        for n, case in sorted(different.items())
        for bar in (
            Bar(
                f"presenter's first picture among {n} / alone, median",
                _ratio(case.presenter.p50 if case.presenter else None, solo.first),
                most=2 if n == max(different) else None,
            ),
            Bar(
                f"presenter's first picture among {n}, seconds at p95",
                case.presenter.p95 if case.presenter else None,
            ),
        )
    ]


def _ratio(value: float | None, of: float) -> float | None:
    return None if value is None or of <= 0 else value / of


def save(report: Report, path: Path) -> None:
    """Everything as JSON, the bars with it."""
    judged = [{**asdict(bar), "met": bar.met} for bar in bars(report)]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**asdict(report), "bars": judged}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def conclude(report: Report) -> int:
    """Print the report; 1 if a bar is missed, else 0."""
    asked = bars(report)
    print(
        f"\n{report.hardware}; slide {report.plan.slide}, {report.plan.demo}; seconds, RSS in MiB"
    )
    print(f"{overview(report)}\n\n{judgement(asked)}")
    return int(not all(bar.met for bar in asked))


def numbers(text: str) -> list[int]:
    """``1,30`` → [1, 30], in rising order; none from an empty text."""
    found = sorted({int(part) for part in text.split(",") if part})
    if found and found[0] < 1:
        raise argparse.ArgumentTypeError("a crowd has at least one client")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.load", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--clients", type=numbers, default="1,30,100,300", help="crowds (default: %(default)s)")
    add("--queue", type=numbers, default="30,100", metavar="CLIENTS",
        help="crowds for one Play after the other (default: %(default)s)")  # fmt: skip
    add("--slide", type=int, default=Plan.slide, help="default: %(default)s")
    add("--demo", default=Plan.demo, help="Play of that slide (default: %(default)s)")
    add("--limit", type=float, default=Plan.limit, metavar="SECONDS",
        help="most that a browser waits for its Play (default: %(default)g)")  # fmt: skip
    add("--json", type=Path, metavar="FILE", help="also write everything there")
    args = parser.parse_args(arguments)
    plan = Plan(args.slide, args.demo, args.limit)
    solo, batching = run_batching(plan, args.clients)
    queues = (
        run_queue(plan, args.queue, environment, name)
        for environment, name in ((ONE_AT_A_TIME, "queue"), (AS_PEERS, "torch queue"))
    )
    report = Report(hardware("cpu"), plan, solo, batching, *queues)
    if args.json:
        save(report, args.json)
    return conclude(report)


if __name__ == "__main__":
    sys.exit(main())

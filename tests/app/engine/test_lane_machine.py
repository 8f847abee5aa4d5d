"""Whoever arrives, is promoted, told something, leaves or fails: a lane against a simple model.

The lane's two turns, ``receive`` and ``work``, are taken by the test in place of its threads.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.engine import EngineFullError, Limits, Observer, PlayFailedError, Priority, Progress, Watch
from app.engine.lane import URGENT_PLACES, Lane
from models.runtime.sampler import ENDLESS, Sampler
from tests.support.fake_zoo import DiarySampler, asked

LIMITS = Limits(batch_rows=4, active=3, rows=8, waiting=3, threads=1)
STEPS = 12
BAD = 13
WORDS = ["one", "two", "three", "one", "two", "three", "stop", "nonsense", "crash"]


class Zoo:
    """Two procedures with an end and one without."""

    def __init__(self) -> None:
        self.made = {name: DiarySampler(2, total=STEPS) for name in ("a.draw", "b.draw")}
        self.made["c.learn"] = DiarySampler(2, total=ENDLESS)

    def sampler(self, procedure: str) -> Sampler[Any, Any]:
        return self.made[procedure]


class Witness(Observer):
    """Counts what becomes of trajectories."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()

    def finished(self, procedure: str) -> None:
        self.ends["finished"] += 1

    def failed(self, procedure: str, message: str) -> None:
        self.ends["failed"] += 1

    def cancelled(self, procedure: str) -> None:
        self.ends["cancelled"] += 1


@dataclass(eq=False)
class Guest:
    """What the model knows of one that arrived."""

    procedure: str
    seed: int
    n: int
    watch: Watch
    priority: Priority
    told: list[str] = field(default_factory=list)
    left: bool = False
    turns_without: int = 0

    @property
    def over(self) -> bool:
        return self.watch._trajectory.finished

    @property
    def here(self) -> bool:
        return not self.left and not self.over


class LaneMachine(RuleBasedStateMachine):
    """Compares queue, places and outcomes."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.zoo, self.witness = Zoo(), Witness()
        self.lane = Lane(self.zoo, LIMITS, self.witness)
        self.guests: list[Guest] = []
        self.waiting: list[Guest] = []
        self.active: list[Guest] = []
        self.refused = 0

    @rule(
        procedure=st.sampled_from(["a.draw", "b.draw", "c.learn"]),
        n=st.sampled_from([1, 1, 1, 2, 3, 9]),
        bad=st.integers(0, 3),
        urgent=st.integers(0, 5),
    )
    def arrive(self, procedure: str, n: int, bad: int, urgent: int) -> None:
        seed = BAD if not bad else 100 + len(self.guests)
        priority = Priority(urgent=not urgent)
        most = LIMITS.waiting + URGENT_PLACES * (not urgent)

        async def submit() -> Watch:
            return self.lane.submit(procedure, asked(n=n, seed=seed), True, priority)

        try:
            watch = self.loop.run_until_complete(submit())
        except EngineFullError:
            assert len(self.waiting) >= most
        else:
            assert len(self.waiting) < most
            guest = Guest(procedure, seed, n, watch, priority)
            self.guests.append(guest)
            self.waiting.append(guest)

    @precondition(lambda self: self.guests)
    @rule(data=st.data())
    def promote(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.guests)).priority.promote()

    @precondition(lambda self: self.guests)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        guest = data.draw(st.sampled_from(self.guests))
        guest.watch.leave()
        if guest.here:
            guest.left = True
        if guest in self.waiting:
            self.waiting.remove(guest)

    @precondition(lambda self: self.guests)
    @rule(data=st.data(), message=st.sampled_from(WORDS))
    def tell(self, data: st.DataObject, message: str) -> None:
        guest = data.draw(st.sampled_from(self.guests))
        guest.watch.tell(message)
        if guest.here:
            guest.told.append(message)

    @rule()
    def receive(self) -> None:
        queue = sorted(self.waiting, key=lambda guest: not guest.priority.urgent)
        expected = queue[0] if queue and self._fits(queue[0]) else None
        assert self.lane.receive() == (expected is not None)
        if expected is not None:
            self.waiting.remove(expected)
            self.active.append(expected)
            assert expected.watch._trajectory.began
        assert not any(guest.watch._trajectory.began for guest in self.waiting)

    def _fits(self, guest: Guest) -> bool:
        rows = sum(other.n for other in [*self.active, guest])
        free = len(self.active) < LIMITS.active and (not self.active or rows <= LIMITS.rows)
        return free or guest.priority.urgent

    @rule(turns=st.integers(1, 10))
    def work(self, turns: int) -> None:
        for _ in range(turns):
            self._work()

    def _work(self) -> None:
        before = {guest: guest.watch._trajectory.at for guest in self.active}
        batches = sum(len(sampler.batches) for sampler in self.zoo.made.values())
        worked = self.lane.work()
        assert worked == (sum(len(s.batches) for s in self.zoo.made.values()) == batches + 1)
        # Those that were told to end, or something that is not taken, have had no step.
        stepped = [g for g in before if g.watch._trajectory.at != before[g]]
        urgent = [g for g in self.active if g.priority.urgent and g.here]
        failed = [g for g in before if g.here and g.watch._trajectory.at < before[g]]
        if urgent and worked and not failed and any(not g.over for g in stepped):
            assert any(guest.priority.urgent for guest in stepped)
        for guest in self.active:
            waits = guest.here and not urgent and guest not in stepped
            guest.turns_without = guest.turns_without + 1 if waits else 0
            crowd = len(self.active)
            assert guest.turns_without <= crowd + crowd**2 // 4 + 1, "somebody starves"
        self.active = [guest for guest in self.active if guest.here]

    @invariant()
    def counts_agree(self) -> None:
        running, waiting = self.lane.load
        assert waiting == len(self.waiting)
        assert running == len(self.active)
        others = [guest for guest in self.active if not guest.priority.urgent]
        assert len(others) <= LIMITS.active

    def teardown(self) -> None:
        try:
            self._end_all()
        finally:
            self.loop.close()

    def _end_all(self) -> None:
        for guest in self.guests:
            if guest.here and guest.procedure == "c.learn":
                guest.watch.tell("stop")
                guest.told.append("stop")
        for _ in range(200 * (len(self.guests) + 1)):
            if self.lane.load == (0, 0):
                break
            self.receive()
            self._work()
        assert self.lane.load == (0, 0), "somebody starves"
        refused = sum(self._ended(guest) for guest in self.guests)
        # Everybody ends exactly once, and is counted so.
        assert sum(self.witness.ends.values()) + refused == len(self.guests)
        assert self.witness.ends["cancelled"] == sum(guest.left for guest in self.guests)

    def _ended(self, guest: Guest) -> bool:
        """Check the end of one, and whether that was a message which cannot be meant."""

        async def published() -> list[Progress]:
            return [progress async for progress in guest.watch.progress()]

        if guest.left:
            return False
        try:
            shown = self.loop.run_until_complete(published())
        except PlayFailedError as error:
            if error.refused:
                assert "nonsense" in guest.told
            else:
                assert guest.seed == BAD or "crash" in guest.told
            return error.refused
        assert [progress.done for progress in shown] == [False] * (len(shown) - 1) + [True]
        steps = [progress.step for progress in shown if not progress.done]
        assert steps == sorted(set(steps))  # the end may be told at a step that was shown
        end = shown[-1]
        alone = DiarySampler(total=end.step).run(asked(seed=guest.seed))
        assert end.view.extras["seen"] == alone.extras["seen"]
        assert [message for _, message in end.view.extras["told"]] == guest.told
        return False


LaneMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
test_a_lane = LaneMachine.TestCase

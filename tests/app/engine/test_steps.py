"""A step that fails spoils nobody else's result, and messages reach a state in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import torch

from app.engine import Engine, Limits, PlayFailedError
from models.runtime.sampler import ENDLESS, Request, Sampler, View
from tests.support.fake_zoo import Diary, DiarySampler, FakeSampler, asked
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio


class OneZoo:
    """A single sampler under every name."""

    def __init__(self, sampler: Sampler[Any, Any]) -> None:
        self.only = sampler

    def sampler(self, procedure: str) -> Sampler[Any, Any]:
        return self.only


@pytest.fixture
async def engines() -> AsyncIterator[list[Engine]]:
    """Those that are to be stopped afterwards."""
    running: list[Engine] = []
    yield running
    for engine in running:
        await asyncio.to_thread(engine.stop)


def started(engines: list[Engine], sampler: Sampler[Any, Any], **limits: Any) -> Engine:
    engine = Engine(OneZoo(sampler), Limits(**limits))
    engine.start()
    engines.append(engine)
    return engine


def alone(seed: int, total: int = 8) -> list[tuple[int, float]]:
    """What a diary holds that nobody has disturbed."""
    return list(DiarySampler(total=total).run(asked(seed=seed)).extras["seen"])


async def test_who_shares_a_step_that_fails_ends_as_if_alone(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.trajectory.FEW", 9)  # every step is shown
    sampler = DiarySampler(fails_at=3)
    sampler.gate.clear()
    engine = started(engines, sampler)
    good = [engine.submit("a.sample", asked(seed=seed)) for seed in (1, 2, 3)]
    bad = engine.submit("a.sample", asked(seed=13))
    await until(lambda: engine.load == (4, 0))
    streams = [play.progress() for play in good]
    sampler.gate.set()
    seen = [[progress async for progress in stream] for stream in streams]
    with pytest.raises(PlayFailedError, match="model failed"):
        await bad.result()
    for seed, published in zip((1, 2, 3), seen, strict=True):
        assert published[-1].view.extras["seen"] == alone(seed)
        assert [p.step for p in published] == list(range(9))  # what was shown is not shown again
    failing = [batch for batch in sampler.batches if (13, 3) in batch]
    assert len(failing) == 2
    assert len(failing[1]) == 1  # the second time everybody takes that step alone


async def test_a_batch_that_is_too_large_is_no_one_s_fault(engines: list[Engine]) -> None:
    sampler = DiarySampler(most=2)
    sampler.gate.clear()
    engine = started(engines, sampler)
    plays = [engine.submit("a.sample", asked(seed=seed)) for seed in range(5)]
    await until(lambda: engine.load == (5, 0))
    sampler.gate.set()
    ends = await asyncio.gather(*(play.result() for play in plays))
    assert [end.view.extras["seen"] for end in ends] == [alone(seed) for seed in range(5)]


async def test_messages_come_before_the_next_step_in_order_also_the_second_time(
    engines: list[Engine],
) -> None:
    sampler = DiarySampler(fails_at=3)
    sampler.gate.clear()
    engine = started(engines, sampler)
    play = engine.submit("a.sample", asked(seed=1))
    play.tell("early")
    await until(lambda: engine.load == (1, 0))
    bad = engine.submit("a.sample", asked(seed=13))
    for word in ("one", "two"):
        play.tell(word)
    await until(lambda: engine.load == (2, 0))
    sampler.gate.set()
    told = (await play.result()).view.extras["told"]
    assert [word for _, word in told] == ["early", "one", "two"]
    assert [step for step, _ in told] == sorted(step for step, _ in told)
    assert told[-1][0] <= 1
    with pytest.raises(PlayFailedError):
        await bad.result()


@pytest.mark.parametrize(
    ("message", "words", "refused"),
    [("nonsense", "must be one of stop", True), ("crash", "model failed", False)],
)
async def test_a_message_that_is_not_taken_ends_it_in_words(
    engines: list[Engine], message: str, words: str, refused: bool
) -> None:
    sampler = DiarySampler(total=ENDLESS)
    engine = started(engines, sampler)
    play = engine.submit("a.sample", asked(seed=1))
    other = engine.submit("a.sample", asked(seed=2))
    play.tell(message)
    with pytest.raises(PlayFailedError, match=words) as failure:
        await play.result()
    assert failure.value.refused == refused
    other.tell("stop")
    assert (await other.result()).done


async def test_most_procedures_take_no_messages(engines: list[Engine]) -> None:
    engine = started(engines, FakeSampler())
    play = engine.submit("a.sample", asked(num_steps=1000))
    play.tell("hello")
    with pytest.raises(PlayFailedError, match="once it has begun"):
        await play.result()


async def test_without_a_fixed_end_it_goes_on_until_it_is_told(engines: list[Engine]) -> None:
    sampler = DiarySampler(total=ENDLESS)
    engine = started(engines, sampler)
    play = engine.submit("a.sample", asked(seed=1))
    stream = play.progress()
    first, second = await anext(stream), await anext(stream)
    assert (first.step, first.total, first.done) == (0, 0, False)
    assert second.step > 0
    await until(lambda: len(sampler.batches) > second.step + 100)
    assert len(play._trajectory.unread) <= 1  # nothing is kept for a watcher that does not look
    play.tell("stop")
    last = [progress async for progress in stream][-1]
    assert last.done
    assert last.step == last.total == len(last.view.extras["seen"])


async def test_without_a_fixed_end_it_ends_when_nobody_watches(engines: list[Engine]) -> None:
    engine = started(engines, DiarySampler(total=ENDLESS))
    stream = engine.submit("a.sample", asked(seed=1)).progress()
    await anext(stream)
    await stream.aclose()
    await until(lambda: engine.load == (0, 0))


class Trainer(DiarySampler):
    """Descends a parabola."""

    trains: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.weight: torch.Tensor | None = None

    def start(self, request: Request) -> Diary:
        self.weight = torch.tensor(4.0, requires_grad=True)
        return super().start(request)

    def step(self, states: Any) -> None:
        assert self.weight is not None
        (slope,) = torch.autograd.grad(self.weight**2, self.weight)
        self.weight = (self.weight - 0.25 * slope).detach().requires_grad_()
        super().step(states)

    def preview(self, state: Diary) -> View:
        assert torch.is_inference_mode_enabled()
        assert self.weight is not None
        return View(torch.zeros(1, 3, 1, 1), {"weight": float(self.weight)})


async def test_a_procedure_may_train(engines: list[Engine]) -> None:
    engine = started(engines, Trainer())
    published = [p async for p in engine.submit("lab.learn", asked()).progress()]
    assert [p.view.extras["weight"] for p in published] == [4 * 0.5**step for step in range(9)]


async def test_other_procedures_run_without_gradients(engines: list[Engine]) -> None:
    class Plain(FakeSampler):
        def step(self, states: Any) -> None:
            assert torch.is_inference_mode_enabled()
            super().step(states)

    assert (await started(engines, Plain()).submit("a.sample", asked()).result()).done

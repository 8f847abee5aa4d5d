"""Pictures on the way: all of them alone, in a crowd as many as are worth it, costly ones aside."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from app.engine import Observer, Progress
from app.engine import trajectory as module
from app.engine.trajectory import SHOWN_A_SECOND, Trajectory
from tests.support.fake_zoo import FakeSampler, Walk, asked

if TYPE_CHECKING:
    from models.runtime.sampler import View

pytestmark = pytest.mark.anyio

STEP = 0.01
STEPS = 20


class Clocked(FakeSampler):
    """A sampler with a clock of its own."""

    now = 0.0


class Costly(FakeSampler):
    """Its previews are made of a copy."""

    def __init__(self) -> None:
        super().__init__()
        self.previews = 0

    def still(self, state: Walk) -> Walk:
        return replace(state)

    def preview(self, state: Walk) -> View:
        self.previews += 1
        assert torch.is_inference_mode_enabled()
        return super().preview(state)


async def played(monkeypatch: pytest.MonkeyPatch, crowd: int) -> tuple[list[int], float]:
    """The steps that were shown before the last, and how long it all took."""
    sampler = Clocked()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: sampler.now))
    play = begun(sampler)
    for _ in range(STEPS):
        step(play)
        sampler.now += crowd * STEP  # the others take their turns too
        play.advanced(STEP, crowd)
    shown = list(play.unread)
    assert shown[-1].done
    return [progress.step for progress in shown[1:-1]], sampler.now


def begun(sampler: FakeSampler) -> Trajectory:
    request = asked(num_steps=STEPS)
    play = Trajectory("a.sample", request, asyncio.get_running_loop(), True, Observer())
    with torch.inference_mode():
        play.begin(sampler)
    return play


def step(play: Trajectory) -> None:
    state: Any = play.state
    assert play.sampler is not None
    play.sampler.step([state])


@pytest.mark.parametrize("crowd", [1, 2])
async def test_few_show_every_step(monkeypatch: pytest.MonkeyPatch, crowd: int) -> None:
    monkeypatch.setattr(module, "SHOWN_A_SECOND", 1)
    shown, _ = await played(monkeypatch, crowd)
    assert shown == list(range(1, STEPS))


@pytest.mark.parametrize("crowd", [3, 5, 100])
async def test_in_a_crowd_so_many_pictures_are_shown_a_second(
    monkeypatch: pytest.MonkeyPatch, crowd: int
) -> None:
    monkeypatch.setattr(module, "SHOWN_A_SECOND", SHOWN_A_SECOND / 2)
    shown, seconds = await played(monkeypatch, crowd)
    assert len(shown) >= 1
    assert crowd * (len(shown) + 1) <= SHOWN_A_SECOND / 2 * seconds + crowd


async def test_costly_pictures_are_made_by_those_who_look() -> None:
    sampler = Costly()
    play = begun(sampler)
    seen = []
    for _ in range(STEPS):
        seen.append(play.state.x.clone())  # type: ignore[union-attr]
        with torch.inference_mode():
            step(play)
            play.advanced(STEP)
    assert sampler.previews == 1  # of the end, which is looked at for what is no number
    for frame, x in zip(list(play.unread)[:-1], seen, strict=True):
        assert torch.equal(frame.view.images, x)  # later steps have not changed it
    assert play.unread[3].view is play.unread[3].view


async def test_a_costly_picture_that_fails_fails_for_who_looks() -> None:
    play = Trajectory("a.sample", asked(seed=15), asyncio.get_running_loop(), True, Observer())
    with torch.inference_mode():
        play.begin(Costly())
        step(play)
        play.advanced(STEP)
    with pytest.raises(RuntimeError, match="nothing to see"):
        _ = play.unread[1].view


async def test_who_waits_has_no_picture() -> None:
    frame = Progress(0, 1, 0.0, 0.0, None, ahead=3)
    assert frame.waits
    with pytest.raises(ValueError, match="waits"):
        _ = frame.view

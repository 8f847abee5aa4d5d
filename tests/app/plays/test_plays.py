"""Equal Plays are computed and rendered once, whoever comes or leaves."""

from __future__ import annotations

import asyncio

import pytest

from app.engine import EngineFullError, Observer
from app.plays import Play, Plays
from app.plays import plays as module
from app.plays.plays import PRESENTER_PLACES
from tests.support.studio import ALL, Studio, step, steps
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Witness(Observer):
    """Writes down who joined and who was turned away."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def coalesced(self, procedure: str) -> None:
        self.heard.append(("coalesced", procedure))

    def shed(self, procedure: str) -> None:
        self.heard.append(("shed", procedure))


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def plays(witness: Witness) -> Plays:
    return Plays(100, witness)


async def test_equal_plays_are_computed_and_rendered_once(plays: Plays, witness: Witness) -> None:
    studio = Studio(0.01)
    readers = [studio.join(plays) for _ in range(30)]
    assert plays.readers == 30
    assert await asyncio.gather(*map(steps, readers)) == [ALL] * 30
    assert (studio.begun, studio.made) == (1, ALL)
    assert plays.readers == 0
    assert witness.heard == [("coalesced", "a")] * 29


async def test_different_plays_are_apart(plays: Plays, witness: Witness) -> None:
    studio = Studio()
    await asyncio.gather(*(steps(studio.join(plays, key)) for key in "abc"))
    assert studio.begun == 3
    assert witness.heard == []


async def test_who_comes_late_sees_everything(plays: Plays) -> None:
    studio = Studio(60)
    early = studio.join(plays)
    await early.begun()
    assert studio.play is not None
    for number in ALL[1:4]:
        studio.play.publish(f"frame {number}", number)
    late = studio.join(plays).events()
    assert [step(await anext(late)) for _ in range(4)] == [0, 1, 2, 3]
    assert studio.begun == 1
    await plays.stop()


async def test_a_play_that_has_ended_is_computed_anew(
    plays: Plays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 0.0)
    studio = Studio()
    for _ in range(2):
        assert await steps(studio.join(plays)) == ALL
    assert studio.begun == 2


async def test_who_presses_with_the_others_sees_theirs_even_if_it_has_ended(
    plays: Plays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 0.3)
    studio = Studio()
    for _ in range(3):
        assert await steps(studio.join(plays)) == ALL
    assert (studio.begun, studio.made) == (1, ALL)
    await until(lambda: not plays._shared)  # nothing is kept for those who do not come
    assert await steps(studio.join(plays)) == ALL
    assert studio.begun == 2


async def test_a_late_reader_keeps_what_would_be_forgotten(
    plays: Plays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 0.05)
    studio = Studio()
    assert await steps(studio.join(plays)) == ALL
    late = studio.join(plays)
    await asyncio.sleep(0.1)
    assert await steps(late) == ALL
    assert studio.begun == 1
    assert not plays._shared


async def test_a_play_that_failed_is_tried_anew(plays: Plays) -> None:
    tries = 0

    async def failing(play: Play[str]) -> None:
        nonlocal tries
        tries += 1
        play.publish("It lost its way.", 1, "no result", failed=True)

    for _ in range(2):
        reader = plays.join("key", failing, "a")
        assert await reader.result() == "no result"
        reader.leave()
    assert tries == 2


async def test_one_may_leave_and_the_others_go_on(plays: Plays) -> None:
    studio = Studio(0.01)
    leaving, staying = studio.join(plays), studio.join(plays)
    await leaving.begun()
    leaving.leave()
    leaving.leave()
    assert plays.readers == 1
    assert await steps(staying) == ALL
    assert studio.begun == 1


async def test_when_the_last_has_left_it_ends_at_once(plays: Plays) -> None:
    studio = Studio(60)
    readers = [studio.join(plays) for _ in range(2)]
    for reader in readers:
        await reader.begun()
    readers[0].leave()
    await asyncio.sleep(0)
    assert studio.ended == 0
    readers[1].leave()
    await until(lambda: studio.ended == 1)
    assert plays.readers == 0
    assert not plays._shared


async def test_a_full_engine_is_told_to_everyone(plays: Plays) -> None:
    async def full(play: Play[str]) -> None:
        await asyncio.sleep(0.01)
        raise EngineFullError(retry_after=5)

    readers = [plays.join("key", full, "a") for _ in range(3)]
    outcomes = await asyncio.gather(*(r.begun() for r in readers), return_exceptions=True)
    assert all(isinstance(outcome, EngineFullError) for outcome in outcomes)
    for reader in readers:
        reader.leave()
    assert plays.readers == 0


async def test_readers_are_bounded_and_a_few_places_are_the_presenter_s(witness: Witness) -> None:
    studio, plays = Studio(60), Plays(2, witness)
    readers = [studio.join(plays) for _ in range(2)]
    with pytest.raises(EngineFullError):
        studio.join(plays)
    assert witness.heard == [("coalesced", "a"), ("shed", "a")]
    readers += [studio.join(plays, urgent=True) for _ in range(PRESENTER_PLACES)]
    with pytest.raises(EngineFullError):
        studio.join(plays, urgent=True)
    for reader in readers[: PRESENTER_PLACES + 1]:
        reader.leave()
    studio.join(plays)
    await plays.stop()


async def test_a_presenter_who_joins_promotes_the_play(plays: Plays) -> None:
    studio = Studio(60)
    await studio.join(plays).begun()
    assert studio.play is not None
    assert not studio.play.priority.urgent
    promoted = asyncio.Event()
    studio.play.priority.listen(promoted.set)
    studio.join(plays, urgent=True)
    assert studio.play.priority.urgent
    assert promoted.is_set()
    await plays.stop()


async def test_stopping_ends_plays_whoever_reads(plays: Plays) -> None:
    studio = Studio(60)
    await studio.join(plays).begun()
    await plays.stop()
    assert studio.ended == 1

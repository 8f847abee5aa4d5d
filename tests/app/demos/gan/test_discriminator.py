"""The viewer's calls and the discriminator's are counted alike, and nothing is told before."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
import torch

from app.demos.gan.discriminator import (
    DRAWN,
    FACES,
    BeTheDiscriminator,
    DiscriminatorParameters,
    called_drawn,
    shuffled,
)
from app.demos.kit import Ballot, Bars, Choice, HandIn
from tests.support.finished import Finished, last_scene
from tests.support.parts import parts_of
from tests.support.streams import frames
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.context import Context

PLAY = "/slides/2/play?demo=discriminator&seed=4"


def test_a_seed_shuffles_six_drawn_faces_among_six_real_ones() -> None:
    real, order = shuffled(5)
    assert (real, order) == shuffled(5) != shuffled(6)
    assert len(set(real)) == FACES - DRAWN
    assert sorted(order) == list(range(FACES))


def test_the_lowest_logits_are_called_drawn() -> None:
    logits = torch.tensor([3.0, -9, 4, -8, 5, -7, 6, -1, 7, -2, 8, 2.5])
    assert called_drawn(logits) == {1, 3, 5, 7, 9, 11}
    assert called_drawn(torch.zeros(FACES)) == set(range(DRAWN))


@pytest.mark.anyio
async def test_both_are_counted_by_the_same_rule() -> None:
    _, order = shuffled(4)
    truth = [place < DRAWN for place in order]
    hers = [i for i, drawn in enumerate(truth) if drawn][:4]  # two of the drawn ones are missed
    logits = torch.tensor([-1.0 if drawn else 1.0 for drawn in truth])
    p = DiscriminatorParameters(seed=4, drawn=",".join(map(str, hers)), told="yes")
    scene = await last_scene(BeTheDiscriminator(), p, score=logits)
    assert scene.text == "You: 10 of 12 right. D: 12 of 12."
    (bars,) = parts_of(scene, Bars)
    assert [bar.text for bar in bars.bars] == ["10 of 12", "12 of 12"]
    (ballot,) = parts_of(scene, Ballot)
    assert [candidate.ticked for candidate in ballot.candidates] == truth
    assert sum(not call.right for c in ballot.candidates for call in c.calls) == 2
    assert not ballot.hidden
    assert parts_of(scene, Choice)[0].answers[0].value == "5"


@pytest.mark.anyio
async def test_before_it_is_handed_in_no_part_tells() -> None:
    p = DiscriminatorParameters(seed=4, drawn="0,7")
    context = cast("Context", Finished())
    *_, last = [frame async for frame in BeTheDiscriminator().frames(context, p)]
    assert last.scene is not None
    (ballot,) = parts_of(last.scene, Ballot)
    assert [i for i, c in enumerate(ballot.candidates) if c.ticked] == [0, 7]
    assert not any(c.text or c.calls for c in ballot.candidates)
    assert parts_of(last.scene, HandIn)[0].ready
    assert (last.step, last.total) == (1, 1)  # D has not been asked
    outline = BeTheDiscriminator().outline(context, p)
    assert not parts_of(outline, HandIn)[0].ready


@pytest.mark.slow
def test_a_form_without_a_script_names_every_tick(
    client: TestClient, page_headers: dict[str, str]
) -> None:
    page = client.get(f"{PLAY}&drawn=2&drawn=11&told=yes", headers=page_headers)
    assert page.status_code == 200
    seen = Visible(page.text)
    assert seen.fields["drawn"] == "2,11"
    assert "D 12 of 12" in seen.text
    same = client.get(f"{PLAY}&drawn=2,11&told=yes", headers=page_headers)
    assert Visible(same.text).images == seen.images
    asked = client.get(PLAY, headers=page_headers).text
    assert asked.count('type="checkbox" name="drawn"') == FACES
    streamed = frames(client.get(PLAY, headers={"accept": "text/event-stream"}).text)
    assert "✓" not in streamed[-1]


@pytest.mark.parametrize("drawn", ["12", "1,", "a", "1,2,99", "-1"])
def test_what_is_no_place_is_refused(client: TestClient, drawn: str) -> None:
    answer = client.get(f"{PLAY}&drawn={drawn}")
    assert answer.status_code == 422
    assert "drawn" in answer.text

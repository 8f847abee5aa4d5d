"""Words in space, played over a CLIP that has learned nothing: what is shown must hold anyway."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import pytest
import torch
from fastapi.testclient import TestClient

from app.deck.gallery import mixed
from app.deck.templates import templates
from app.demos.latent.space import EACH, Space, SpaceParameters
from app.factory import create_app
from app.settings import Settings
from models.data.captions.subjects import worlds_asked
from models.data.captions.tokenizer import tokenizer
from models.parts.clip import CLIP
from models.runtime.checkpoint import save_checkpoint
from models.runtime.zoo import Zoo
from tests.models.tiny import randomized
from tests.support.finished import Finished
from tests.support.streams import frames as frames_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.context import Context

STREAM = {"accept": "text/event-stream"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("checkpoints")
    card = {"architecture": {"name": "clip"}, "family": "clip", "dataset": "faces", "parameters": 1}
    save_checkpoint("clip", randomized(CLIP()).state_dict(), card, folder)
    with TestClient(create_app(Settings(warm_up=False), Zoo(folder))) as running:
        yield running


def play(client: TestClient, **asked: Any) -> list[str]:
    query = urlencode({"demo": "space", **asked})
    stream = client.get(f"/slides/7/play?{query}", headers=STREAM).text
    return [html.unescape(frame) for frame in frames_of(stream)]


def numbers(frame: str) -> list[float]:
    texts = re.findall(r'<li><img [^>]*><span class="chip">([^<]*)</span>', frame)
    return [float(text.replace("−", "-")) for text in texts]


def test_the_prompt_is_read_word_by_word_and_pictures_are_ranked(client: TestClient) -> None:
    frames = play(client, prompt="a sunset over mountains")
    last = frames[-1]
    assert "data-done" in last
    assert "Word 4 of 4 is read: “mountains”." in last
    assert len(numbers(last)) == 2 * EACH
    assert numbers(last) == sorted(numbers(last), reverse=True)
    assert re.search(r"128 dimensions in two: \d+% of the variance", last)
    assert last.count('class="spot spot-asked"') == 2
    assert last.count('class="spot spot-near"') == 8
    assert "message-bad" not in "".join(frames)


def test_words_light_up_when_they_are_read(client: TestClient) -> None:
    first = next(f for f in play(client, prompt="a sunset over mountains") if "<title>" in f)
    later = re.findall(r'class="spot spot-later"><title>(\w+)', first)
    assert "mountains" in later


def test_the_seed_chooses_the_pictures_and_neighbours_are_counted(client: TestClient) -> None:
    one, two = (play(client, prompt="glasses", seed=s, neighbours=6)[-1] for s in (1, 2))
    assert re.findall(r'src="([^"]+)"', one) != re.findall(r'src="([^"]+)"', two)
    for frame in (one, two):
        assert frame.count('class="spot spot-near"') == 6


def test_the_neighbours_are_told_to_who_cannot_see_them(client: TestClient) -> None:
    last = play(client, prompt="glasses", neighbours=2)[-1]
    (told,) = re.findall(r'role="img" aria-label="([^"]*)"', last)
    names = re.findall(r"<text [^>]*>([^<]*)</text>", last)
    assert told == f"Words in a plane; near glasses: {names[1]}, {names[2]}."
    assert last.count('alt="a ') + last.count('alt="hills') + last.count('alt="mountains') > 5


@pytest.mark.parametrize("prompt", ["zzz qqq", "", "a the over"])
@pytest.mark.anyio
async def test_without_a_word_that_says_something_no_model_is_asked(prompt: str) -> None:
    nobody = cast("Context", None)
    (frame,) = [f async for f in Space().frames(nobody, SpaceParameters(prompt=prompt))]
    assert frame.scene is not None
    assert "nothing to look for" in frame.scene.text
    assert frame.note == frame.scene.text
    assert frame.done


@pytest.mark.anyio
async def test_the_numbers_are_those_of_the_best_picture() -> None:
    extras: dict[str, Any] = {
        "scores": torch.linspace(-1, 1, 12), "read": ("girl",), "words": ("girl", "boy"),
        "kin": (0, 0), "cosines": torch.tensor([1, 0.91]), "features": torch.eye(2, 128),
        "points": torch.tensor([[0.5, 0], [-0.5, 0]]), "variance": 1.0,
    }  # fmt: skip
    context = cast("Context", Finished(**extras))
    frames = [f async for f in Space().frames(context, SpaceParameters(prompt="girl"))]
    scene = frames[-1].scene
    assert scene is not None
    assert scene.numbers == {"said": "1 word", "score": "1.00", "points": "100%"}
    assert "with a cosine of 1.00" in scene.text
    html = templates.get_template("kit/scene.html").render(scene=scene, frame=frames[-1])
    assert "<title>girl: of the prompt</title>" in html
    assert "<title>boy: 0.91 to girl</title>" in html
    assert numbers(html)[:2] == [1.0, 0.82]


def test_pictures_are_of_both_worlds_in_turn() -> None:
    images, captions = mixed(EACH, seed=3)
    assert images.shape == (12, 3, 64, 64)
    for world, caption in zip(["faces", "landscapes"] * EACH, captions, strict=True):
        assert world in worlds_asked(tokenizer().encode(caption).words)
    again, other = mixed(EACH, seed=3), mixed(EACH, seed=4)
    assert torch.equal(again[0], images)
    assert captions == again[1] != other[1]

"""The status page: the answer and its reasons, and the button that tries every Play."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from html import unescape
from typing import TYPE_CHECKING, cast

import pytest
from fastapi.testclient import TestClient

from app.deck.stage import Stage
from app.demos.demo import Demo, Frame
from app.demos.parameters import Parameters
from app.engine import Engine, EngineFullError, PlayFailedError
from app.factory import create_app
from app.health.metrics import REPEATED
from app.health.played import played
from app.health.status import REASONS
from app.machine.limits import Memory
from app.settings import Settings
from tests.support.demos import DEMOS
from tests.support.visible import Visible

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from app.context import Context
    from app.demos.registry import Demos
    from app.health.rehearsal import Rehearsal

HERE = ("127.0.0.1", 50000)
PARTIAL = {"hx-request-type": "partial"}


class Stand(Demo[Parameters]):
    """A Play of three steps that waits at a gate, or fails; it counts how often it began."""

    name, hint, family = "stand", "", "winner"
    models = ("vae",)

    def __init__(self, slide: int) -> None:
        self.slide, self.title = slide, f"Stand-in {slide}"  # type: ignore[misc]
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.began = 0
        self.left = 0

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        self.began += 1
        assert p.seed == 0
        try:
            for step in (1, 2, 3):
                yield Frame("A step.", step, 3, done=step == 3)
                if self.error:
                    raise self.error
                while not self.gate.is_set():
                    await asyncio.sleep(0.01)
        finally:
            self.left += 1


@pytest.fixture
def stands() -> list[Stand]:
    """Stand-ins for all Plays, one a slide."""
    return [Stand(slide) for slide in range(1, 9)]


def deck(stands: list[Stand], settings: Settings) -> TestClient:
    """An app whose Plays are those, asked from its own machine."""
    app = create_app(settings)
    app.state.context.demos = cast("Demos", stands)
    return TestClient(app, client=HERE)


@pytest.fixture
def fresh(stands: list[Stand]) -> Iterator[TestClient]:
    """An app of its own."""
    with deck(stands, Settings(warm_up=False)) as running:
        yield running
    assert all(stand.left == stand.began for stand in stands)


def rehearsal(client: TestClient) -> Rehearsal:
    found: Rehearsal = client.app.state.rehearsal  # type: ignore[attr-defined]
    return found


def press(client: TestClient) -> str:
    return client.post("/status/warm-up", headers=PARTIAL).text


def ended(client: TestClient) -> str:
    """The fragment once the rehearsal is over."""
    end = time.monotonic() + 20
    while rehearsal(client).running:
        assert time.monotonic() < end
        time.sleep(0.01)
    return client.get("/status", headers=PARTIAL).text


def outcomes(text: str) -> list[str]:
    """What is said of each slide."""
    return [part.split("<")[0] for part in text.split('class="outcome">')[1:]]


def test_the_page_answers_whole_and_in_part(fresh: TestClient) -> None:
    page, part = fresh.get("/status"), fresh.get("/status", headers=PARTIAL)
    assert (page.status_code, part.status_code) == (200, 200)
    assert 'action="/status/warm-up" method="post"' in page.text
    assert "<html" in page.text
    assert "<html" not in part.text
    assert part.headers["cache-control"] == "no-store"
    assert "HX-Request-Type" in part.headers["vary"]
    assert " style=" not in page.text
    assert " onclick=" not in page.text


def test_untried_it_is_not_ready_yet(fresh: TestClient) -> None:
    text = fresh.get("/status").text
    assert '<p class="answer">Not yet</p>' in text
    assert "No Play has been tried" in text
    assert outcomes(text) == ["not tried"] * 8


def test_every_play_runs_once_in_turn(fresh: TestClient, stands: list[Stand]) -> None:
    stands[2].gate.clear()
    press(fresh)
    while stands[2].began == 0:
        time.sleep(0.01)
    text = fresh.get("/status", headers=PARTIAL).text
    assert "data-running" in text
    assert "2 of 8 have ended" in text
    said = outcomes(text)
    assert [s.startswith("ready, ") for s in said] == [True] * 2 + [False] * 6
    assert said[2].startswith("running, ")
    assert said[2].endswith("step 1 of 3")
    assert said[3:] == ["comes later"] * 5

    stands[2].gate.set()
    text = ended(fresh)
    assert [stand.began for stand in stands] == [1] * 8
    assert all(s.startswith("ready, ") and s.endswith(" s") for s in outcomes(text))
    assert '<p class="answer">Yes</p>' in text
    assert "data-running" not in text


def test_a_second_press_does_not_start_a_second_run(fresh: TestClient, stands: list[Stand]) -> None:
    stands[0].gate.clear()
    press(fresh)
    while stands[0].began == 0:
        time.sleep(0.01)
    assert "data-running" in press(fresh)
    stands[0].gate.set()
    ended(fresh)
    assert [stand.began for stand in stands] == [1] * 8
    press(fresh)
    ended(fresh)
    assert [stand.began for stand in stands] == [2] * 8


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PlayFailedError("The model lost its way."), "The model lost its way."),
        (EngineFullError(5), "Too many plays are waiting."),
        (RuntimeError("secret of the code"), "It could not be finished"),
    ],
    ids=["failed", "full", "raised"],
)
def test_what_is_wrong_is_said_and_the_next_are_tried(
    fresh: TestClient, stands: list[Stand], error: Exception, words: str
) -> None:
    stands[4].error = error
    press(fresh)
    text = ended(fresh)
    said = outcomes(text)
    assert words in said[4]
    assert all(s.startswith("ready, ") for s in said[:4] + said[5:])
    assert '<p class="answer">No</p>' in text
    assert f"<li>Slide 5, Stand-in 5: {words}" in text
    assert "secret" not in text


def test_a_play_that_cannot_be_drawn_is_wrong(
    fresh: TestClient, stands: list[Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(stage: Stage, shown: Frame) -> str:
        if stage.slide == 6 and shown.done:
            raise OSError("no such colour")
        return ""

    monkeypatch.setattr(Stage, "render", render)
    press(fresh)
    said = outcomes(ended(fresh))
    assert "It could not be finished" in said[5]
    assert all(s.startswith("ready, ") for s in said[:5] + said[6:])


def test_a_play_without_end_is_given_up(
    fresh: TestClient, stands: list[Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.health.rehearsal.LIMIT", 0.05)
    stands[7].gate.clear()
    press(fresh)
    assert "did not end within" in outcomes(ended(fresh))[7]


def test_a_model_without_a_checkpoint_is_named(tmp_path: Path, stands: list[Stand]) -> None:
    with deck(stands, Settings(checkpoints=tmp_path)) as client:
        context: Context = client.app.state.context  # type: ignore[attr-defined]
        while not context.ready:
            time.sleep(0.01)
        text = client.get("/status").text
        assert '<p class="answer">No</p>' in text
        assert text.count("<li>vae.json: the model card is missing") == 1
        press(client)
        assert all("vae.json" in said for said in outcomes(ended(client)))
        assert sum(stand.began for stand in stands) == 0


def test_only_the_first_of_many_reasons_are_listed(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(checkpoints=tmp_path, warm_up=False))) as client:
        context: Context = client.app.state.context  # type: ignore[attr-defined]
        text = client.get("/status").text
        assert '<p class="answer">No</p>' in text
        missing = len(played(context.zoo, context.demos))
        assert text.count("the model card is missing") == 2 * REASONS  # shown, and spoken
        assert f"And {missing - REASONS} more." in text


def test_a_model_that_keeps_failing_makes_it_a_no(fresh: TestClient) -> None:
    context: Context = fresh.app.state.context  # type: ignore[attr-defined]
    press(fresh)
    assert '<p class="answer">Yes</p>' in ended(fresh)
    assert "No model failed in the last five minutes." in fresh.get("/status").text
    for number in range(1, REPEATED + 1):
        context.metrics.failed("gan.film", "The model failed while drawing <this>.")
        text = fresh.get("/status").text
        seen = Visible(text).text
        answer = "No" if number == REPEATED else "Yes"
        assert f'<p class="answer">{answer}</p>' in text
        assert f"{number} failed" in seen
    assert "gan: The model failed while drawing &lt;this&gt;." in text
    assert "gan.film failed 3 times, the last time 0 s ago: The model failed while" in seen

    context.metrics.finished("gan.film")
    text = fresh.get("/status").text
    assert '<p class="answer">Yes</p>' in text
    assert "3 plays failed in the last five minutes, but no model keeps failing." in text
    assert "gan.film failed 3 times" in Visible(text).text


def test_one_bad_request_leaves_it_a_yes(
    fresh: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(fresh)
    assert '<p class="answer">Yes</p>' in ended(fresh)

    def fail(*_: object) -> None:
        raise RuntimeError("numerical trouble")

    monkeypatch.setattr("models.procedures.vae.VAESampler.step", fail)
    assert fresh.post("/api/v1/models/vae/sample", json={"seed": 5}).status_code == 500
    assert fresh.post("/api/v1/models/vae/sample", json={"seed": -5}).status_code == 422
    text = fresh.get("/status").text
    assert '<p class="answer">Yes</p>' in text
    assert "One play failed in the last five minutes" in text
    assert "vae.sample failed once, the last time 0 s ago" in Visible(text).text


def test_the_machine_is_told(fresh: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    used = Memory(process=3 * 2**29, group=2 * 2**30, limit=4 * 2**30)
    monkeypatch.setattr("app.health.status.memory", lambda: used)
    monkeypatch.setattr("app.health.status.cores", lambda: 3)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    seen = Visible(fresh.get("/status").text).text
    assert "cores 3 of 64" in seen
    assert "memory of the server 1.50 GiB" in seen
    assert "of its container 2.00 GiB of 4.00 GiB" in seen
    monkeypatch.setattr("app.health.status.memory", lambda: Memory(None, 5, None))
    seen = Visible(fresh.get("/status").text).text
    assert "memory" not in seen.split("This machine")[1]
    assert "container" not in seen


def test_every_play_of_the_deck_is_tried(client: TestClient) -> None:
    text = client.get("/status").text
    assert len(outcomes(text)) == len(DEMOS) == 28
    for demo in DEMOS:
        assert f'href="/slides/{demo.slide}?demo={demo.name}">{demo.title}<' in unescape(text)


def test_loading_models_are_counted(fresh: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    context: Context = fresh.app.state.context  # type: ignore[attr-defined]
    press(fresh)
    ended(fresh)
    monkeypatch.setattr(context, "settings", Settings(warm_up=True))
    needed = len(played(context.zoo, context.demos))
    assert f"0 of {needed} models are in memory" in fresh.get("/status").text
    context.ready = True
    text = fresh.get("/status").text
    assert '<p class="answer">Yes</p>' in text
    assert "All models are in memory and being made faster still." in text
    context.prepared = True
    assert "All models are in memory and at their full speed." in fresh.get("/status").text


def test_the_engine_s_work_is_drawn(fresh: TestClient) -> None:
    metrics = fresh.app.state.context.metrics  # type: ignore[attr-defined]
    for size, count in ((1, 4), (3, 8), (40, 1)):
        for _ in range(count):
            metrics.stepped("flow.sample", size, size, 0.25)
    metrics.stepped("vae.sample", 2, 2, 0.05)
    metrics.first_frame("vae.sample", 0.07)
    metrics.shed("vae.sample")
    text = fresh.get("/status", headers=PARTIAL).text
    seen = " ".join(Visible(text).text.split())
    assert "running 0 of 48" in seen
    assert "waiting 0 of 400" in seen
    assert "vae 50 ms" in seen
    assert "flow 250 ms" in seen
    for bound, count in (("1", 4), ("2", 1), ("3–4", 8), ("5–8", 0), ("33+", 1)):
        assert f"{count}</span>" in text.split(f'class="bound">{bound}<')[0].split("<li>")[-1]
    assert 'class="bad"><dt>turned away</dt><dd>1' in text
    assert "<div><dt>failed</dt><dd>0" in text


def test_without_javascript_the_button_leads_back(fresh: TestClient) -> None:
    answer = fresh.post("/status/warm-up", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/status")
    ended(fresh)


def test_another_site_cannot_press_it(fresh: TestClient, stands: list[Stand]) -> None:
    answer = fresh.post("/status/warm-up", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not rehearsal(fresh).running
    assert sum(stand.began for stand in stands) == 0


def test_a_run_ends_before_the_engine_does(
    stands: list[Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def stop(engine: Engine) -> None:
        seen.append(rehearsal(client).running)
        real(engine)

    real = Engine.stop
    monkeypatch.setattr(Engine, "stop", stop)
    stands[0].gate.clear()
    with deck(stands, Settings(warm_up=False)) as client:
        press(client)
        while stands[0].began == 0:
            time.sleep(0.01)
    assert seen == [False]
    assert [stand.left for stand in stands] == [1] + [0] * 7


@pytest.mark.parametrize("path", ["/about", "/slides/1"])
def test_the_deck_links_to_it(client: TestClient, path: str) -> None:
    assert 'href="/status"' in client.get(path).text


@pytest.mark.parametrize(
    ("path", "slow"),
    [
        ("/status", "app.routes.status.board"),
        ("/metrics", "app.routes.health.generate_latest"),
        ("/gallery/5.png", "app.routes.pages.png"),
    ],
)
def test_what_takes_long_is_made_beside_the_event_loop(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, slow: str
) -> None:
    module, _, name = slow.rpartition(".")
    work, threads = getattr(sys.modules[module], name), []

    def note(*given: object) -> object:
        threads.append(threading.current_thread().name)
        return work(*given)

    monkeypatch.setattr(slow, note)
    assert client.get(path).status_code == 200
    assert [thread.startswith("draw") for thread in threads] == [True]

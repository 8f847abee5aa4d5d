"""Controls offer what procedures accept."""

from __future__ import annotations

from contextlib import aclosing
from itertools import product
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.demos.controls import controls, controls_here
from app.demos.parameters import slider_of
from app.demos.registry import Demos
from models.procedures.diffusion import SampleParameters
from models.runtime.parameters import Prompted
from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS

if TYPE_CHECKING:
    from pathlib import Path

    from app.context import Context
    from app.demos.demo import Demo
    from models.runtime.sampler import Request

pytestmark = pytest.mark.anyio

ZOO = Zoo()


class AskedError(Exception):
    """The engine was asked for something."""


class Desk:
    """Builds requests as the app does, notes them, and never runs one."""

    zoo, demos = ZOO, Demos()

    def __init__(self) -> None:
        self.requests: list[Request[Any]] = []

    def card(self, name: str) -> dict[str, Any]:
        return self.zoo.card(name)

    def request(
        self, procedure: str, n: int | None = None, seed: int = 0, **values: Any
    ) -> Request[Any]:
        self.requests.append(self.zoo.request(procedure, n, seed, **values))
        return self.requests[-1]

    def submit(self, *_: Any, **__: Any) -> None:
        raise AskedError


async def requests(demo: Demo[Any], values: dict[str, Any]) -> list[Request[Any]]:
    """What a demo asks for with these values, up to its first question to the engine."""
    desk = Desk()
    with pytest.raises(AskedError):
        async with aclosing(
            demo.frames(cast("Context", desk), demo.parameters(**values))
        ) as frames:
            await anext(frames)
    return desk.requests


def sliders(demo: Demo[Any]) -> list[tuple[str, float, float]]:
    return [
        (c.name, cast("float", c.low), cast("float", c.high))
        for c in controls(demo.parameters())
        if c.kind == "slider"
    ]


def datasets(demo: Demo[Any]) -> list[dict[str, str]]:
    """The data sets that the page offers: those that have a model."""
    found = [c.choices for c in controls(demo.parameters()) if c.kind == "dataset"]
    models = (
        [name for name in found[0] if ZOO.find(family=demo.family, dataset=name)] if found else []
    )
    return [{"dataset": name} for name in models] or [{}]


CASES = [(d, values, s) for d in DEMOS for values, s in product(datasets(d), sliders(d))]


@pytest.mark.parametrize(("demo", "values", "slider"), CASES)
async def test_both_ends_of_a_slider_are_accepted(
    demo: Demo[Any], values: dict[str, Any], slider: tuple[str, float, float]
) -> None:
    name, low, high = slider
    ends = [await requests(demo, {**values, name: end}) for end in (low, high)]
    control = next(
        c
        for c in controls_here(demo, demo.parameters(**values), cast("Context", Desk()))
        if c.name == name
    )
    other, _, known = control.only.partition("=")
    acts = not other or getattr(demo.parameters(**values), other) in known.split("|")
    assert (ends[0] != ends[1]) == acts  # and it changes something, or says that it does not


async def test_a_slider_that_names_another_control_acts_with_the_values_it_names() -> None:
    demo = next(d for d in DEMOS if d.name == "codebook")
    for look in ("plain", "ema", "simvq"):
        ends = [await requests(demo, {"look": look, "code": code}) for code in (0, 511)]
        assert ends[0] != ends[1]
    code = next(c for c in controls(demo.parameters()) if c.name == "code")
    assert (code.only, code.reason) == (
        "look=plain|ema|simvq", "Side by side, no token is replaced.",
    )  # fmt: skip


def test_some_sliders_are_there_to_be_tried() -> None:
    assert len(CASES) > 15


def test_a_slider_has_the_procedure_s_default_and_bounds() -> None:
    field = slider_of(SampleParameters, "num_steps", "Steps", high=100)
    own = SampleParameters.bounds()["num_steps"]
    bounds = {k: getattr(m, k) for m in field.metadata for k in ("ge", "le") if hasattr(m, k)}
    assert (field.default, bounds) == (own.default, {"ge": own.low, "le": 100})


@pytest.mark.parametrize("wrong", [{"high": 10_000}, {"low": 0}, {"default": 0}, {"low": 30}])
def test_a_slider_cannot_leave_them(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="num_steps"):
        slider_of(SampleParameters, "num_steps", "Steps", **wrong)


def test_a_prompt_may_be_as_long_as_procedures_read() -> None:
    longest = Prompted.bounds()["prompt"].longest
    found = [c for d in DEMOS for c in controls(d.parameters()) if c.kind == "prompt"]
    assert found
    assert {c.longest for c in found} == {longest}


def here(name: str, zoo: Zoo) -> dict[str, Any]:
    demo = next(d for d in DEMOS if d.name == name)
    desk = Desk()
    desk.zoo = zoo
    return {c.name: c for c in controls_here(demo, demo.parameters(), cast("Context", desk))}


def test_data_sets_are_those_of_the_family_s_models(tmp_path: Path) -> None:
    assert list(here("denoise", ZOO)["dataset"].choices) == ["faces", "fashion"]
    for file in (ZOO.folder / "diffusion.json", ZOO.folder / "fashion-flow.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert list(here("denoise", Zoo(tmp_path))["dataset"].choices) == ["faces"]


def test_what_a_data_set_s_model_does_not_read_says_so() -> None:
    tokens = here("tokens", ZOO)
    for name in ("prompt", "guidance_scale"):
        assert tokens[name].only == "dataset=faces"
        assert tokens[name].reason == "The model of Fashion-MNIST reads none."
    assert not tokens["temperature"].only
    assert not any(control.only for control in here("denoise", ZOO).values())

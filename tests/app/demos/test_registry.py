"""Demos are found in the modules of packages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from app.demos.registry import Demos

if TYPE_CHECKING:
    from pathlib import Path

DEMO = '''
"""A demo."""
from app.demos.demo import Demo, Frame
from app.demos.parameters import Parameters

class Plain(Demo[Parameters]):
    """Says one thing."""

    name, slide, order, title, family = "{name}", 3, {order}, "Plain", "flow"
    hint, models = "Look.", ("flow",)

    async def frames(self, context, p):
        yield Frame("One.", 1, 1, done=True)
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package ``plain_demos``."""
    folder = tmp_path / "plain_demos"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return folder


def test_the_deck_s_are_in_the_order_of_the_course() -> None:
    demos = Demos()
    assert [demo.slide for demo in demos] == sorted(demo.slide for demo in demos)
    defaults = [demos.find(number).name for number in range(1, 9)]
    expected = "reconstruct, film, flow, denoise, race, timeline, prompt, ideas"
    assert ", ".join(defaults) == expected
    with pytest.raises(KeyError):
        demos.find(3, "denoise")
    with pytest.raises(KeyError):
        demos.find(9)


def test_another_package_s_join_their_slide_in_their_place(package: Path) -> None:
    (package / "early.py").write_text(DEMO.format(name="early", order=0))
    (package / "late.py").write_text(DEMO.format(name="late", order=100))
    names = [d.name for d in Demos(("app.demos", "plain_demos")).for_slide(3)]
    assert names[0] == "early"
    assert names[-1] == "late"
    assert [d.name for d in Demos(("plain_demos",))] == ["early", "late"]


def test_a_play_may_have_a_room(package: Path) -> None:
    room = package / "room"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "inner.py").write_text(DEMO.format(name="inner", order=0))
    (package / "outer.py").write_text(DEMO.format(name="outer", order=1))
    assert [d.name for d in Demos(("plain_demos",))] == ["inner", "outer"]


def test_a_name_is_a_slide_s_own_only_once(package: Path) -> None:
    (package / "one.py").write_text(DEMO.format(name="flow", order=0))
    with pytest.raises(ValueError, match="slide 3 has two demos called 'flow'"):
        Demos(("app.demos", "plain_demos"))

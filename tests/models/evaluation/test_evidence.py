"""What is asked of a model that reads prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from models.data.gallery import gallery
from models.evaluation import evidence
from models.evaluation.evidence import draw_asked
from models.evaluation.worlds import WORLDS
from tests.models.evaluation.known import Faithful, known_world

if TYPE_CHECKING:
    import pytest

    from models.runtime.sampler import Request, State
    from models.runtime.zoo import Zoo


class Noted(Faithful):
    """Keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[Request[Any]] = []

    def start(self, request: Request[Any]) -> State:
        self.requests.append(request)
        return super().start(request)


class OneModel:
    """A zoo of a single sampler, whatever the name."""

    def __init__(self) -> None:
        self.model = Noted()

    def sampler(self, key: str) -> Noted:
        return self.model


def test_each_face_is_drawn_for_the_caption_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORLDS, "faces", known_world("faces"))
    monkeypatch.setattr(evidence, "CHUNK", 4)
    zoo = OneModel()
    images = draw_asked(cast("Zoo", zoo), "diffusion", 8)
    assert images.shape == (8, 3, 64, 64)
    assert (images - gallery().images[:8]).abs().mean() < 0.02
    asked = zoo.model.requests
    assert len({request.seed for request in asked}) == 8
    assert {request.parameters.guidance_scale for request in asked} == {1.0}

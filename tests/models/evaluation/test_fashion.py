"""What is measured of the models of photos, with stand-ins for photos, judge and models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.data.fashion import CLASSES, Fashion
from models.data.pixels import LEVEL
from models.evaluation import fashion as evaluation
from models.evaluation.distances import frechet_distance
from models.evaluation.fashion import PUBLISHED, features, measure_fashion
from models.families.fashion_diffusion import class_of
from models.families.flow import Flow
from models.families.patch_autoregressive import PatchGPT
from models.parts.judge import Judge
from models.procedures.flow import FlowEncoder, FlowSampler
from models.runtime.parameters import Prompted
from models.runtime.sampler import Sampler, State, View
from tests.models.tiny import AtOnce, pictures, randomized

if TYPE_CHECKING:
    from models.runtime.zoo import Zoo

COUNT = 200
BIAS = 0.02
"""Brightness of a label's step, so that a stand-in for the judge can read it off."""


def shade(labels: Tensor) -> Tensor:
    """Photos [n, 1, 28, 28] as bright as their label."""
    return (labels * BIAS - 0.5).view(-1, 1, 1, 1).expand(-1, 1, 28, 28)


class Reading(Judge):
    """Reads a class off the brightness of a photo."""

    def __init__(self) -> None:
        super().__init__(8, [len(CLASSES)])

    def read(self, images: Tensor) -> Tensor:
        inner = images[:, 0, 2:-2, 2:-2]
        return inner.mean((1, 2), keepdim=True)[:, 0].add(0.5).div(BIAS).round().long()


class Drawing(AtOnce):
    """Draws the class that is named, save that "coat" becomes a dress; else anything."""

    parameters = Prompted

    def preview(self, state: State) -> View:
        request = state.request
        prompt = request.parameters.prompt
        if not prompt:
            generator = torch.Generator().manual_seed(request.seed)
            noise = torch.rand(request.n, 1, 28, 28, generator=generator) * 2 - 1
            return View(noise.expand(-1, 3, -1, -1))
        label = class_of("dress" if prompt == "coat" else prompt)
        return View(shade(torch.full((request.n,), label)).expand(-1, 3, -1, -1))


class Shelf:
    """A zoo of one model."""

    def __init__(self, procedures: dict[str, Sampler[Any, Any]], network: nn.Module | None) -> None:
        self.procedures, self.held = procedures, network or nn.Identity()

    def network(self, name: str, kind: type[nn.Module]) -> nn.Module:
        return self.held

    def sampler(self, procedure: str) -> Sampler[Any, Any]:
        return self.procedures[procedure.split(".")[1]]


def photos(split: str) -> Fashion:
    pixels = pictures(COUNT + 10, 28, seed=["train", "test"].index(split))
    return Fashion(pixels[:, :1], torch.zeros(COUNT + 10, dtype=torch.int64))


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = randomized(Reading())
    monkeypatch.setattr(evaluation, "_judge", lambda: reader)
    monkeypatch.setattr(evaluation, "fashion", photos)
    monkeypatch.setattr(evaluation, "measure_speed", lambda zoo, name: {"of": name})


def measured(
    name: str, network: nn.Module | None = None, **procedures: Sampler[Any, Any]
) -> dict[str, Any]:
    shelf = Shelf({"sample": Drawing(), **procedures}, network)
    return measure_fashion(cast("Zoo", shelf), name, COUNT)


def test_features_do_not_depend_on_the_batch() -> None:
    images = photos("test").images[:120]
    whole = features(images)
    assert whole.shape == (120, 128)
    assert torch.allclose(whole[70:75], features(images[70:75]), atol=1e-5)


def test_samples_are_compared_with_as_many_test_photos() -> None:
    known = measured("fashion-diffusion")["samples"]
    test, train = (features(photos(split).images[:COUNT]) for split in ("test", "train"))
    assert known["count"] == COUNT
    assert known["frechet_floor"] == pytest.approx(frechet_distance(test, train), abs=0.01)
    drawn = torch.cat(
        [
            Drawing().run(Drawing().request(n=100, seed=10_000 + i)).images
            for i in range(COUNT // 100)
        ]
    )
    expected = frechet_distance(test, features(drawn))
    assert known["frechet"] == pytest.approx(expected, abs=0.01)
    assert known["coverage"] > 0.5
    assert known["coverage_floor"] > 0.5


def test_the_share_of_classes_drawn_as_asked_is_counted() -> None:
    known = measured("fashion-diffusion")
    assert known["classes"]["count"] == COUNT
    assert known["classes"]["accuracy"] == 0.9
    assert known["likelihood"] == {"kind": "none"}
    assert known["speed"] == {"of": "fashion-diffusion"}
    assert known["evaluation"]["command"] == (
        f"python -m models.evaluation fashion-diffusion --count {COUNT}"
    )


def test_samples_of_all_classes_are_compared_with_as_many_test_photos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tiles(images: Tensor) -> Tensor:
        return 100 * functional.adaptive_avg_pool2d(images[:, :1], 4).flatten(1)

    monkeypatch.setattr(evaluation, "features", tiles)
    known = measured("fashion-diffusion")["classes"]
    drawn = [
        Drawing().run(Drawing().request(n=COUNT // len(CLASSES), prompt=prompt)).images
        for prompt in CLASSES
    ]
    expected = frechet_distance(tiles(photos("test").images[:COUNT]), tiles(torch.cat(drawn)))
    assert expected > 100
    assert known["frechet"] == pytest.approx(expected, abs=0.01)
    assert known["coverage"] < 0.5, "ten flat pictures cover little"


def test_a_flow_s_likelihood_is_exact() -> None:
    """An untrained flow is the identity, under which pixels are N(0, 1)."""
    flow = Flow(28, 7, dim=8, layers=1, heads=2, blocks=2, channels=1, noise=0.0)
    known = measured("fashion-flow", sample=FlowSampler(flow), encode=FlowEncoder(flow))
    square = photos("test").images.square().mean()
    nats = 0.5 * (square + torch.log(torch.tensor(2 * torch.pi)))
    bits = float(nats / torch.log(torch.tensor(2.0)) - torch.log2(torch.tensor(LEVEL)))
    assert known["likelihood"]["bits_per_dim"] == pytest.approx(bits, abs=0.002)
    assert known["likelihood"]["kind"] == "exact"
    assert known["likelihood"]["count"] == COUNT + 10
    assert "classes" not in known


def test_the_autoregressive_model_s_likelihood_is_exact() -> None:
    net = PatchGPT(dim=12, layers=1, local_dim=8, local_layers=1)
    nn.init.zeros_(net.head.weight)
    nn.init.zeros_(net.head.bias)
    known = measured("fashion-autoregressive", network=net)
    assert known["likelihood"] == {"kind": "exact", "bits_per_dim": 8.0, "count": COUNT + 10}


def test_published_figures_are_bits_per_dimension_of_8_bit_pixels() -> None:
    assert len(PUBLISHED) == 7
    assert all(0 < bits < 8 for bits in PUBLISHED.values())

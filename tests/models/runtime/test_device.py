"""Where networks are and requests are computed."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from models.runtime import device as module
from models.runtime.device import DeviceError, DeviceMissingError, OnDevice, choose
from models.runtime.sampler import State, View
from models.runtime.zoo import Zoo
from tests.models.tiny import AtOnce

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

META = torch.device("meta")


def tensors(value: object) -> list[Tensor]:
    """All tensors that a state holds."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, State):
        return [t for item in fields(value) for t in tensors(getattr(value, item.name))]
    if isinstance(value, (list, tuple)):
        return [t for part in value for t in tensors(part)]
    return []


@pytest.mark.parametrize(
    "procedure",
    ["vae.sample", "vae.reconstruct", "vae-prior.sample", "gan.sample", "gan.mix", "flow.roundtrip",
     "flow.decode", "diffusion.sample", "diffusion.noise", "flow-matching.sample",
     "latent-diffusion.autoencode", "fashion-flow.encode", "codebook-simvq.reconstruct",
     "codebook-ema.replace"],
)  # fmt: skip
def test_everything_is_on_the_networks_device(
    monkeypatch: pytest.MonkeyPatch, procedure: str
) -> None:
    """On the meta device nothing is computed, but a tensor made elsewhere cannot be mixed in."""
    # The flow switches it off, which this device does not know.
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    sampler = Zoo(device=META).sampler(procedure)
    assert isinstance(sampler, OnDevice)
    given = {name: torch.zeros(2, *spec.shape) for name, spec in sampler.inputs.items()}
    state = sampler.start(sampler.request(n=None if given else 1, seed=1, **given))
    for _ in range(min(3, state.total)):
        sampler.step([state])
    held = tensors(state)
    assert held
    assert {tensor.device.type for tensor in held} == {"meta"}


class Elsewhere(AtOnce):
    """Fails as an accelerator does."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def step(self, states: Sequence[State]) -> None:
        raise self.failure

    def preview(self, state: State) -> View:
        return View(torch.zeros(1, 3, 1, 1))


@pytest.mark.parametrize(
    ("failure", "words"),
    [(torch.OutOfMemoryError(), "out of memory"), (torch.AcceleratorError("lost", 1), "failed")],
)
def test_a_device_that_fails_is_left_with_a_message(failure: Exception, words: str) -> None:
    told: list[str] = []
    sampler = OnDevice(Elsewhere(failure), META, told.append)
    state = sampler.start(sampler.request())
    with pytest.raises(DeviceError, match=words):
        sampler.step([state])
    assert len(told) == 1


def test_the_zoo_goes_on_with_the_processor() -> None:
    zoo = Zoo(device=META)
    assert isinstance(zoo.sampler("vae.sample"), OnDevice)
    zoo.fall_back("it has run out of memory")
    zoo.fall_back("it does not answer any more")
    assert zoo.left_device == "The models left the meta device: it has run out of memory."
    sampler = zoo.sampler("vae.sample")
    assert not isinstance(sampler, OnDevice)
    assert sampler.run(sampler.request(n=1)).images.device.type == "cpu"


def test_the_processor_can_be_asked_for_and_an_absent_device_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "accelerator", lambda: None)
    assert choose("cpu").type == choose("auto").type == "cpu"
    for name in ("cuda", "mps"):
        with pytest.raises(DeviceMissingError, match=name):
            choose(name)


@pytest.mark.parametrize(
    ("seconds", "error", "kind"), [(0.1, 0.0, "meta"), (0.1, 0.5, "cpu"), (10.0, 0.0, "cpu")]
)
def test_an_accelerator_is_taken_where_it_is_faster_and_right(
    monkeypatch: pytest.MonkeyPatch, seconds: float, error: float, kind: str
) -> None:
    def work(device: torch.device) -> tuple[float, Tensor]:
        return (1.0, torch.ones(4)) if device.type == "cpu" else (seconds, torch.ones(4) + error)

    monkeypatch.setattr(module, "accelerator", lambda: META)
    monkeypatch.setattr(module, "_work", work)
    assert choose("auto").type == kind
    assert choose("cpu").type == "cpu"


def test_an_accelerator_that_cannot_be_used_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(device: torch.device) -> Any:
        raise RuntimeError("driver too old")

    monkeypatch.setattr(module, "accelerator", lambda: META)
    monkeypatch.setattr(module, "_work", broken)
    assert choose("auto").type == "cpu"


def test_a_view_of_another_device_comes_to_the_processor() -> None:
    cpu = torch.device("cpu")
    sampler = Zoo().sampler("vae.sample")
    placed = OnDevice(sampler, cpu, lambda reason: None)
    request = sampler.request(n=2, seed=3)
    state: Any = placed.start(request)
    while not state.done:
        with torch.inference_mode():
            sampler.step([state])
    assert torch.equal(placed.finish(state).images, sampler.run(request).images)

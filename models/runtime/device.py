"""Where networks are and requests are computed: the processor, or an accelerator that is faster.

Samplers do not know: :class:`OnDevice` lets what they make appear on their networks' device, moves
inputs there and views back. Random numbers are drawn on the processor, so that devices agree.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F

from models.runtime.checkpoint import CPU
from models.runtime.precision import TOLERANCE
from models.runtime.sampler import Input, Request, Sampler, State, View
from models.runtime.timing import best_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

log = logging.getLogger(__name__)

CHOICES = ("auto", "cpu", "cuda", "mps")
ROWS = 16


class DeviceMissingError(ValueError):
    """The device that was asked for is not there."""


class DeviceError(RuntimeError):
    """The accelerator ran out of memory or is lost; the message is for the user."""


def choose(asked: str = "auto") -> torch.device:
    """The device to compute on.

    Args:
        asked: one of :data:`CHOICES`; ``auto`` takes an accelerator where it is measured to be
            faster than the processor and right.

    Raises:
        DeviceMissingError: it is not there.
    """
    found = accelerator()
    if asked == "cpu" or (asked == "auto" and found is None):
        return CPU
    if asked == "auto":
        assert found is not None
        return found if _worthwhile(found) else CPU
    if found is None or found.type != asked:
        raise DeviceMissingError(f"there is no {asked} device here that torch can use")
    return found


def accelerator() -> torch.device | None:
    """The first accelerator that torch can use, if any."""
    if not torch.accelerator.is_available():
        return None
    return torch.accelerator.current_accelerator()


def _worthwhile(device: torch.device) -> bool:
    """Whether a step like a denoiser's takes less time there than here, and is right."""
    try:
        slow, exact = _work(CPU)
        quick, answer = _work(device)
    except Exception:
        log.exception("%s cannot be used; the processor is", device)
        return False
    error = (answer - exact).square().mean().sqrt()
    right = bool(error < TOLERANCE * exact.square().mean().sqrt())
    return right and quick < slow


def _work(device: torch.device) -> tuple[float, Tensor]:
    """Seconds of a few convolutions and products of :data:`ROWS` images, and their result."""
    numbers = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=numbers).to(device)

    x, kernel = normal(ROWS, 96, 16, 16), normal(96, 96, 3, 3) / 30
    tokens, weight = normal(ROWS, 64, 256), normal(256, 256) / 16
    results: list[Tensor] = []

    def work(_: int) -> None:
        h, t = x, tokens
        for _ in range(4):
            h = F.silu(F.conv2d(h, kernel, padding=1))
            t = F.gelu(t @ weight)
        results[:] = [torch.cat([h.flatten(), t.flatten()]).cpu()]  # waits for the device

    with torch.inference_mode():
        work(0)
        return best_seconds(work, 5), results[0]


class OnDevice(Sampler[State, Any]):
    """A sampler whose networks are on another device than the processor.

    Args:
        sampler: made with networks on the device.
        device: where they are.
        lost: is told why the device can no longer be used.
    """

    def __init__(
        self, sampler: Sampler[Any, Any], device: torch.device, lost: Callable[[str], None]
    ) -> None:
        self.sampler, self.device, self._lost = sampler, device, lost
        # What describes a procedure is of the class; this one describes another.
        kind: Any = self
        kind.parameters, kind.takes, kind.max_n = sampler.parameters, sampler.takes, sampler.max_n
        kind.trains, kind.lane = sampler.trains, sampler.lane
        self.defaults = sampler.defaults

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Those of the sampler."""
        return self.sampler.inputs

    def request(self, n: int | None = None, seed: int = 0, **values: Any) -> Request[Any]:
        """A request of the sampler."""
        return self.sampler.request(n, seed, **values)

    def start(self, request: Request[Any]) -> State:
        """Start there, with the inputs moved."""
        moved = {name: tensor.to(self.device) for name, tensor in request.inputs.items()}
        with self._there():
            state: State = self.sampler.start(replace(request, inputs=moved))
        return state

    def step(self, states: Sequence[State]) -> None:
        """Step there, and wait for the end, so that its time is known."""
        with self._there():
            self.sampler.step(states)
            if self.device.type != "meta":
                torch.accelerator.synchronize(self.device)

    def tell(self, state: State, message: Any) -> None:
        """Pass the message on."""
        with self._there():
            self.sampler.tell(state, message)

    def preview(self, state: State) -> View:
        """The view, on the processor."""
        with self._there():
            return _to_cpu(self.sampler.preview(state))

    def finish(self, state: State) -> View:
        """The view, on the processor."""
        with self._there():
            return _to_cpu(self.sampler.finish(state))

    def still(self, state: State) -> State | None:
        """The sampler's copy."""
        with self._there():
            still: State | None = self.sampler.still(state)
        return still

    @contextmanager
    def _there(self) -> Iterator[None]:
        try:
            with self.device:
                yield
        except torch.OutOfMemoryError as error:
            self._lost("it has run out of memory")
            raise DeviceError(_again("ran out of memory")) from error
        except torch.AcceleratorError as error:
            self._lost("it does not answer any more")
            raise DeviceError(_again("failed")) from error


def _again(what: str) -> str:
    return f"The accelerator {what}. The models go on with the processor: please press Play again."


def _to_cpu(view: View) -> View:
    extras = {k: v.cpu() if isinstance(v, Tensor) else v for k, v in view.extras.items()}
    return View(view.images.cpu(), extras)

"""The one interface every family implements, so that an engine can batch steps without knowing it.

A *procedure* is one thing a trained model can do in steps: draw from noise, reconstruct a photo,
walk a film of its own training. It is a :class:`Sampler`. A request becomes a :class:`State`;
states with equal ``key`` may share one batched :meth:`Sampler.step`.

Two rules make results independent of who else is in the batch:

* every random number comes from the state's own generator (:func:`generator_for`);
* a step treats batch rows independently (no batch statistics).
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

ENDLESS = sys.maxsize
"""Total steps of a state that goes on until it is told to end, or nobody watches it."""


@dataclass(frozen=True)
class Request:
    """What a procedure is asked for. ``None`` means the family's own default.

    Attributes:
        n: number of images, at least 1.
        seed: 0 … 2**31-1; together with the other fields it determines the result.
        prompt: caption to draw, empty for unconditional.
        num_steps: network calls of an iterative sampler.
        guidance_scale: classifier-free guidance weight w in ``(1 - w) * uncond + w * cond``.
        temperature: randomness of the draw; 1 is the model's own distribution.
        truncation: psi of the truncation trick, 0 (the mean face) … 1 (no truncation).
        solver: name of a family's solver, for example ``dpm-solver++``.
        options: further parameters of one procedure, as hashable (name, value) pairs.
        images: float [n, 3, H, W] in [-1, 1], for procedures that start from given images.
    """

    n: int = 1
    seed: int = 0
    prompt: str = ""
    num_steps: int | None = None
    guidance_scale: float | None = None
    temperature: float | None = None
    truncation: float | None = None
    solver: str | None = None
    options: tuple[tuple[str, Hashable], ...] = ()
    images: Tensor | None = field(default=None, compare=False, repr=False)

    def option(self, name: str, default: Any = None) -> Any:
        """Value of a procedure's own parameter."""
        return dict(self.options).get(name, default)


@dataclass
class State:
    """A request in progress: ``step`` of ``total`` steps are done; ``total`` may be ``ENDLESS``.

    Subclasses add tensors whose first dimension is ``request.n``.
    """

    request: Request
    step: int
    total: int

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.total

    @property
    def key(self) -> Hashable:
        """States with equal keys may share a batch; shapes must agree."""
        return None

    @property
    def rows(self) -> int:
        """Batch rows this state takes in a step (guidance is counted by the family)."""
        return self.request.n


@dataclass(frozen=True)
class View:
    """What can be shown of a state: ``images`` float [n, 3, H, W] in [-1, 1], and named extras.

    ``extras`` holds further image tensors, numbers, strings or lists of them, named in the
    field's terms (``mu``, ``x0``, ``bits_per_dim``, ``probabilities``).
    """

    images: Tensor
    extras: Mapping[str, Any] = field(default_factory=dict)


S = TypeVar("S", bound=State)


class Sampler(ABC, Generic[S]):
    """One procedure of a model, run as batched steps.

    Class attributes:
        trains: whether start and steps need gradients; else ``torch.inference_mode`` is on.
        lane: where an engine runs it: ``draw``, on all cores, or ``learn``, beside the others.
    """

    trains: ClassVar[bool] = False
    lane: ClassVar[str] = "draw"

    @abstractmethod
    def start(self, request: Request) -> S:
        """Validate the request and draw its starting point.

        Raises:
            ValueError: a parameter the family does not accept, with a sentence for the user.
        """

    @abstractmethod
    def step(self, states: Sequence[S]) -> None:
        """Advance every state by one step, in place, in one batch. All have the same ``key``.

        A step that raises may leave its states half changed: they are of no use any more.
        """

    def tell(self, state: S, message: Any) -> None:
        """Take in, between two steps, what its watcher says of a state that has started.

        It may end an endless state by ``state.total = state.step``.

        Raises:
            ValueError: a message that cannot be meant, with a sentence for the user; the default.
        """
        raise ValueError("this procedure takes no messages")

    @abstractmethod
    def preview(self, state: S) -> View:
        """What the state looks like now; cheap, callable after any step, changes nothing."""

    def still(self, state: S) -> S | None:
        """A copy that later steps leave as it is, for a :meth:`preview` made beside them.

        ``None``, by default, where a preview costs so little that it is made at once; one that
        needs a decoder costs as much as several steps.
        """
        return None

    def finish(self, state: S) -> View:
        """The result of a state that is done."""
        return self.preview(state)

    def prepare(self, threads: int = 0) -> None:
        """Do what takes seconds and makes all later steps faster; it may run meanwhile.

        Args:
            threads: of the processor, 0 for all.
        """

    def run(self, request: Request) -> View:
        """Start, step to the end and finish one request alone."""
        with torch.inference_mode():
            state = self.start(request)
            while not state.done:
                self.step([state])
            return self.finish(state)


def generator_for(request: Request) -> torch.Generator:
    """The request's own random generator, on the CPU so that devices agree."""
    return torch.Generator().manual_seed(request.seed)


def noise(request: Request, *shape: int) -> Tensor:
    """Standard normal [n, *shape] in which row i depends on (seed, i) alone.

    So the first four of sixteen images are the four images of a request for four.
    """
    rows = [
        torch.randn(shape, generator=torch.Generator().manual_seed(request.seed + 1_000_003 * i))
        for i in range(request.n)
    ]
    return torch.stack(rows)


def uniforms(request: Request, *shape: int) -> Tensor:
    """Uniform in [0, 1), [n, *shape], row by row as :func:`noise`."""
    rows = [
        torch.rand(shape, generator=torch.Generator().manual_seed(request.seed + 1_000_003 * i))
        for i in range(request.n)
    ]
    return torch.stack(rows)


def pick(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Draw from each row's distribution by inverting its cumulative sum.

    Args:
        probabilities: [n, k].
        uniform: what decides, [n] in [0, 1).

    Returns:
        Indices 0 … k - 1, int64 [n].
    """
    cumulative = probabilities.double().cumsum(1)
    point = uniform[:, None].double() * cumulative[:, -1:]
    index = torch.searchsorted(cumulative, point, right=True)
    return index.clamp(max=probabilities.shape[1] - 1)[:, 0]


def split_rows(batch: Tensor, states: Sequence[State]) -> list[Tensor]:
    """Cut a batch [sum of n, …] back into one tensor per state."""
    return list(batch.split([s.request.n for s in states]))


def run_batched(sampler: Sampler[S], requests: Sequence[Request], batch: int = 32) -> list[View]:
    """Run requests of equal parameters together, ``batch`` at a time; one view each, in order."""
    views: list[View] = []
    with torch.inference_mode():
        for begin in range(0, len(requests), batch):
            states = [sampler.start(r) for r in requests[begin : begin + batch]]
            while not states[0].done:
                sampler.step(states)
            views += [sampler.finish(s) for s in states]
    return views

"""The one interface every family implements, so that an engine can batch steps without knowing it.

A *procedure* is one thing a trained model can do in steps: draw from noise, reconstruct a photo,
walk a film of its own training. It is a :class:`Sampler`. A request becomes a :class:`State`;
states with equal ``key`` may share one batched :meth:`Sampler.step`.

Two rules make results independent of who else is in the batch:

* every random number depends on the request's seed, the row and the purpose alone;
* a step treats batch rows independently (no batch statistics).
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from models.runtime.errors import (
    MissingInputError,
    NoMessagesError,
    OutOfRangeError,
    UnknownNameError,
    WrongShapeError,
)
from models.runtime.parameters import MAX_SEED, Parameters

P = TypeVar("P", bound=Parameters)

ENDLESS = sys.maxsize
"""Total steps of a state that goes on until it is told to end, or nobody watches it."""


@dataclass(frozen=True)
class Request(Generic[P]):
    """What a procedure is asked for.

    Attributes:
        parameters: of the procedure's own class.
        n: number of images, at least 1.
        seed: 0 … 2**31-1; together with the other fields it determines the result.
        inputs: tensors to start from, by name, their first dimension the images.
    """

    parameters: P
    n: int = 1
    seed: int = 0
    inputs: Mapping[str, Tensor] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Input:
    """A tensor that a procedure starts from.

    Attributes:
        shape: of one row: [C, H, W] of images in [-1, 1], [d] of vectors.
        rows: how many there must be; ``None`` for as many as images are asked for.
        required: whether the procedure cannot do without it.
    """

    shape: tuple[int, ...]
    rows: int | None = None
    required: bool = True


@dataclass
class State:
    """A request in progress: ``step`` of ``total`` steps are done; ``total`` may be ``ENDLESS``.

    Subclasses add tensors whose first dimension is :attr:`n`.
    """

    request: Request[Any]
    step: int
    total: int

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.total

    @property
    def n(self) -> int:
        """Rows of its tensors: the request's images, unless a procedure draws others."""
        return self.request.n

    @property
    def key(self) -> Hashable:
        """States with equal keys may share a batch; shapes must agree."""
        return None

    @property
    def rows(self) -> int:
        """Rows that the network computes for it in a step; guidance doubles them."""
        return self.n


@dataclass(frozen=True)
class View:
    """What can be shown of a state: ``images`` float [n, 3, H, W] in [-1, 1], and named extras.

    ``extras`` holds further image tensors, numbers, strings or lists of them, named in the
    field's terms (``mu``, ``x0``, ``bits_per_dim``, ``probabilities``).
    """

    images: Tensor
    extras: Mapping[str, Any] = field(default_factory=dict)


S = TypeVar("S", bound=State)


class Sampler(ABC, Generic[S, P]):
    """One procedure of a model, run as batched steps.

    Class attributes:
        parameters: class of its parameters, whose annotations say their bounds.
        takes: names of the inputs that it starts from.
        max_n: most images of one request.
        trains: whether start and steps need gradients; else ``torch.inference_mode`` is on.
        lane: where an engine runs it: ``draw``, on all cores, or ``learn``, beside the others.

    Attributes:
        defaults: where this model's own differ from the class's, as its card has them.
    """

    parameters: ClassVar[type[Parameters]] = Parameters
    takes: ClassVar[tuple[str, ...]] = ()
    max_n: ClassVar[int] = 256
    trains: ClassVar[bool] = False
    lane: ClassVar[str] = "draw"
    defaults: Mapping[str, Any] = {}

    @classmethod
    def ask(
        cls, n: int | None, seed: int, values: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> Request[P]:
        """A request from plain values.

        Args:
            n: 1 … :attr:`max_n`; ``None`` for as many as the inputs have rows, else 1.
            seed: 0 … 2**31-1.
            values: parameters and inputs by name; an input may be ``None``.
            defaults: of the parameters that are left out, before those of their class.

        Raises:
            RequestError: a name or a value that the procedure does not accept.
        """
        inputs = {k: v for k, v in values.items() if k in cls.takes and v is not None}
        chosen = {k: v for k, v in values.items() if k not in cls.takes}
        known = (*cls.parameters.bounds(), *cls.takes)
        for name in chosen.keys() - set(known):
            raise UnknownNameError(name, known=known)
        count = max((len(tensor) for tensor in inputs.values()), default=1) if n is None else n
        for name, value, low, high in (("n", count, 1, cls.max_n), ("seed", seed, 0, MAX_SEED)):
            if not low <= value <= high:
                raise OutOfRangeError(name, low=low, high=high, value=value)
        parameters: Any = cls.parameters(**{**defaults, **chosen})
        return Request(parameters, count, seed, inputs)

    def request(self, n: int | None = None, seed: int = 0, **values: Any) -> Request[P]:
        """A request of this very model from plain values; see :meth:`ask`."""
        return self.ask(n, seed, values, self.defaults)

    @property
    def inputs(self) -> Mapping[str, Input]:
        """The tensors that :attr:`takes` names."""
        return {}

    def given(self, request: Request[P], name: str) -> Tensor:
        """An input of the request, of the shape that :attr:`inputs` says.

        Raises:
            MissingInputError, WrongShapeError: it is not there, or not as it should be.
        """
        expected, tensor = self.inputs[name], request.inputs.get(name)
        rows = request.n if expected.rows is None else expected.rows
        if tensor is None:
            raise MissingInputError(name, shape=expected.shape, rows=expected.rows)
        if tuple(tensor.shape) != (rows, *expected.shape):
            given = tuple(tensor.shape)
            raise WrongShapeError(name, shape=expected.shape, rows=expected.rows, given=given)
        return tensor

    @abstractmethod
    def start(self, request: Request[P]) -> S:
        """Draw the starting point.

        Raises:
            RequestError: an input is missing or has another shape.
        """

    @abstractmethod
    def step(self, states: Sequence[S]) -> None:
        """Advance every state by one step, in place, in one batch. All have the same ``key``.

        A step that raises may leave its states half changed. The engine then begins those that are
        not to blame anew, so a request alone must lead to the same states again.
        """

    def tell(self, state: S, message: Any) -> None:
        """Take in, between two steps, what its watcher says of a state that has started.

        It may end an endless state by ``state.total = state.step``.

        Raises:
            RequestError: a message that it does not take; by default none.
        """
        raise NoMessagesError("message")

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

    def run(self, request: Request[P]) -> View:
        """Start, step to the end and finish one request alone."""
        with torch.inference_mode():
            state = self.start(request)
            while not state.done:
                self.step([state])
            return self.finish(state)


def per_row(
    states: Sequence[State], values: Iterable[float], dtype: torch.dtype = torch.float32
) -> Tensor:
    """A number of each state for all its rows, one state below the other: [sum of n]."""
    counts = [state.n for state in states]
    one = torch.tensor(list(values), dtype=dtype)
    return one.repeat_interleave(torch.tensor(counts), output_size=sum(counts))


def split_rows(batch: Tensor, states: Sequence[State]) -> list[Tensor]:
    """Cut a batch [sum of n, …] back into one tensor per state."""
    return list(batch.split([state.n for state in states]))


def deal(states: Sequence[State], **batches: Tensor) -> None:
    """End a step: every state gets its rows of what was computed, and counts the step.

    Args:
        states: in the order of the batch.
        batches: the new values of attributes, by their names, each [sum of n, …].
    """
    for name, batch in batches.items():
        for state, part in zip(states, split_rows(batch, states), strict=True):
            setattr(state, name, part)
    for state in states:
        state.step += 1


def run_batched(
    sampler: Sampler[S, P], requests: Sequence[Request[P]], batch: int = 32
) -> list[View]:
    """Run requests of equal parameters together, ``batch`` at a time; one view each, in order."""
    views: list[View] = []
    with torch.inference_mode():
        for begin in range(0, len(requests), batch):
            states = [sampler.start(r) for r in requests[begin : begin + batch]]
            while not states[0].done:
                sampler.step(states)
            views += [sampler.finish(s) for s in states]
    return views

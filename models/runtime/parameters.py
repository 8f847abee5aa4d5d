"""Parameters of procedures: frozen dataclasses whose annotations say what a value may be.

``num_steps: Annotated[int, Interval(ge=1, le=1000)] = 20`` is a bounded number, a ``Literal`` one
of a few names, an ``Annotated[str, MaxLen(300)]`` a text, a ``bool`` a switch. Checks, sliders,
the JSON API and the tests of the whole range all read these annotations.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Interval, MaxLen

from models.runtime.errors import ChoiceError, OutOfRangeError, TooLongError, WrongTypeError

MAX_SEED = 2**31 - 1

Prompt = Annotated[str, MaxLen(300)]
GuidanceScale = Annotated[float, Interval(ge=0, le=20)]
"""Weight w of classifier-free guidance, (1 - w) · unconditional + w · conditional."""
Temperature = Annotated[float, Interval(ge=0, le=2)]
"""Randomness of a draw; 1 is the model's own distribution."""
Truncation = Annotated[float, Interval(ge=0, le=1)]
"""ψ of the truncation trick, from 0 (the mean) to 1 (no truncation)."""


@dataclass(frozen=True)
class Bounds:
    """What one parameter may be.

    Attributes:
        name: of the field.
        kind: ``int``, ``float``, ``bool`` or ``str``.
        default: of the class; a model's card may have its own.
        low, high: of a number, both included.
        choices: of a name, empty for free text.
        longest: of a text, in characters.
    """

    name: str
    kind: type
    default: Any
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    longest: int | None = None

    def check(self, value: Any) -> None:
        """Raise what is wrong with a value.

        Raises:
            RequestError: of a kind of :mod:`models.runtime.errors`.
        """
        if not self._is_of_kind(value):
            raise WrongTypeError(self.name, expected=self.kind.__name__, value=value)
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise OutOfRangeError(self.name, low=self.low, high=self.high, value=value)
        if self.choices and value not in self.choices:
            raise ChoiceError(self.name, choices=self.choices, value=value)
        if self.longest is not None and len(value) > self.longest:
            raise TooLongError(self.name, most=self.longest)

    def _is_of_kind(self, value: Any) -> bool:
        if isinstance(value, bool):  # which Python counts as an int
            return self.kind is bool
        return isinstance(value, (int, float) if self.kind is float else self.kind)


@dataclass(frozen=True)
class Parameters:
    """A procedure's parameters besides count, seed and inputs; this one has none.

    Raises:
        RequestError: a value outside the bounds of its annotation.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for name, bounds in self.bounds().items():
            bounds.check(getattr(self, name))

    @classmethod
    def bounds(cls) -> dict[str, Bounds]:
        """Every parameter's bounds by its name, in the order of the class."""
        return dict(_bounds(cls))  # type: ignore[arg-type]  # a class is hashable


@dataclass(frozen=True)
class Prompted(Parameters):
    """Parameters of a procedure that reads a caption.

    Attributes:
        prompt: empty for an unconditional draw.
    """

    prompt: Prompt = ""


@cache
def _bounds(kind: type[Parameters]) -> tuple[tuple[str, Bounds], ...]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return tuple(
        (item.name, _read(item.name, hints[item.name], item.default)) for item in fields(kind)
    )


def _read(name: str, hint: Any, default: Any) -> Bounds:
    if typing.get_origin(hint) is Literal:
        return Bounds(name, str, default, choices=typing.get_args(hint))
    if typing.get_origin(hint) is not Annotated:
        return Bounds(name, hint, default)
    kind, *marks = typing.get_args(hint)
    interval = next((mark for mark in marks if isinstance(mark, Interval)), Interval())
    longest = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
    low, high = (typing.cast("float | None", bound) for bound in (interval.ge, interval.le))
    return Bounds(name, kind, default, low, high, longest=longest)

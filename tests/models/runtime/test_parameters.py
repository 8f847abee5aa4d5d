"""Parameters say their bounds, and keep to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Interval
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from models.runtime.errors import (
    ChoiceError,
    OutOfRangeError,
    RequestError,
    TooLongError,
    WrongTypeError,
)
from models.runtime.parameters import Bounds, Parameters, Prompted


@dataclass(frozen=True)
class Example(Prompted):
    """One of each kind."""

    steps: Annotated[int, Interval(ge=1, le=9)] = 5
    scale: Annotated[float, Interval(ge=0, le=2)] = 1.0
    solver: Literal["euler", "heun"] = "euler"
    traced: bool = False


def test_bounds_are_read_from_the_annotations() -> None:
    assert Example.bounds() == {
        "prompt": Bounds("prompt", str, "", longest=300),
        "steps": Bounds("steps", int, 5, 1, 9),
        "scale": Bounds("scale", float, 1.0, 0, 2),
        "solver": Bounds("solver", str, "euler", choices=("euler", "heun")),
        "traced": Bounds("traced", bool, False),
    }
    assert Parameters.bounds() == {}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"steps": 0}, OutOfRangeError),
        ({"steps": 10}, OutOfRangeError),
        ({"steps": 2.5}, WrongTypeError),
        ({"steps": True}, WrongTypeError),
        ({"steps": "3"}, WrongTypeError),
        ({"scale": math.nan}, OutOfRangeError),
        ({"scale": math.inf}, OutOfRangeError),
        ({"scale": None}, WrongTypeError),
        ({"solver": "ddim"}, ChoiceError),
        ({"solver": 1}, WrongTypeError),
        ({"traced": 1}, WrongTypeError),
        ({"prompt": "a" * 301}, TooLongError),
    ],
)
def test_a_wrong_value_is_refused_by_name(values: dict[str, Any], kind: type[RequestError]) -> None:
    with pytest.raises(kind) as refusal:
        Example(**values)
    assert [refusal.value.name] == list(values)


@given(
    steps=st.integers(1, 9),
    scale=st.floats(0, 2),
    solver=st.sampled_from(["euler", "heun"]),
    prompt=st.text(max_size=300),
)
def test_every_value_within_the_bounds_is_taken(**values: Any) -> None:
    assert vars(Example(**values)) == {"traced": False, **values}


def test_the_api_s_schema_has_the_same_bounds() -> None:
    read = TypeAdapter(Example)
    schema = read.json_schema()["properties"]
    assert (schema["steps"]["minimum"], schema["steps"]["maximum"]) == (1, 9)
    assert schema["solver"]["enum"] == ["euler", "heun"]
    assert schema["prompt"]["maxLength"] == 300
    with pytest.raises(ValidationError):
        read.validate_python({"stops": 3})

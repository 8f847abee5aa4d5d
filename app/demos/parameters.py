"""Parameters of demos: one model validates them and draws their controls."""

from __future__ import annotations

import math
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.inputs.inputs import REFERENCE
from models.data.names import DATASETS
from models.runtime import parameters as procedures
from models.runtime.parameters import MAX_SEED


class Parameters(BaseModel):
    """Every demo has a seed; subclasses add what else can be chosen."""

    model_config = ConfigDict(extra="forbid")

    seed: int = Field(
        default=0, ge=0, le=MAX_SEED, title="Seed", json_schema_extra={"control": "seed"}
    )


def slider(default: float, low: float, high: float, step: float, title: str) -> Any:
    """A number chosen on a slider."""
    extra: dict[str, Any] = {"control": "slider", "step": step}
    return Field(default, ge=low, le=high, title=title, json_schema_extra=extra)


def slider_of(
    kind: type[procedures.Parameters],
    name: str,
    title: str,
    *,
    default: float | None = None,
    low: float | None = None,
    high: float | None = None,
    step: float = 1,
) -> Any:
    """A slider for a procedure's parameter, with its default and bounds where none are given.

    Args:
        kind: class of the procedure's parameters.
        name: of the parameter.
        low, high: narrower than the procedure's.

    Raises:
        ValueError: the parameter has no bounds, or these leave them.
    """
    own = kind.bounds()[name]
    if own.low is None or own.high is None:
        raise ValueError(f"{name} has no bounds")
    low, high = own.low if low is None else low, own.high if high is None else high
    default = own.default if default is None else default
    if not own.low <= low <= default <= high <= own.high:
        raise ValueError(f"{name}: {low} … {default} … {high} leaves {own.low} … {own.high}")
    return slider(default, low, high, step, title)


def exponent_of(
    kind: type[procedures.Parameters], name: str, title: str, *, default: float, step: float = 0.1
) -> Any:
    """A slider for the power of ten of a procedure's parameter, which says the parameter itself.

    Args:
        kind, name: see :func:`slider_of`.
        default: the power of ten.

    Raises:
        ValueError: the parameter has no bounds above 0, or the default leaves them.
    """
    own = kind.bounds()[name]
    if not own.low or own.high is None:
        raise ValueError(f"{name} has no bounds above 0")
    low, high = (round(math.log10(bound), 6) for bound in (own.low, own.high))
    if not low <= default <= high:
        raise ValueError(f"{name}: 10 to the power of {default} leaves {own.low} … {own.high}")
    extra: dict[str, Any] = {"control": "exponent", "step": step}
    return Field(default, ge=low, le=high, title=title, json_schema_extra=extra)


def select(default: str, choices: dict[str, str], title: str, control: str = "select") -> Any:
    """One of a few values; ``choices`` maps value → label."""
    pattern = "^(" + "|".join(map(re.escape, choices)) + ")$"
    extra: dict[str, Any] = {"control": control, "choices": choices}
    return Field(default, pattern=pattern, title=title, json_schema_extra=extra)


def dataset() -> Any:
    """The data that the drawing model was trained on; the page offers those that have a model."""
    return select("faces", DATASETS, "Data", "dataset")


def prompt(default: str) -> Any:
    """A caption to draw, as long as a procedure may read."""
    longest = procedures.Prompted.bounds()["prompt"].longest
    extra: dict[str, Any] = {"control": "prompt"}
    return Field(default, max_length=longest, title="Prompt", json_schema_extra=extra)


def face(default: int, title: str = "Face") -> Any:
    """A face of the gallery."""
    return Field(default, ge=0, le=255, title=title, json_schema_extra={"control": "face"})


def several(count: int, title: str) -> Any:
    """Some of so many things, by their places from 0 with commas between them; at first none.

    An address may also name the field once for each of them, as a form without a script does.
    """
    place = f"({'|'.join(map(str, range(count)))})"
    extra: dict[str, Any] = {"control": "hidden", "several": True}
    pattern = f"^({place}(,{place})*)?$"
    return Field("", pattern=pattern, max_length=4 * count, title=title, json_schema_extra=extra)


def given(kind: str, title: str, default: str = "") -> Any:
    """A drawing, picture or other input, by its reference; empty for none.

    Args:
        kind: of :data:`app.inputs.KINDS`.
    """
    extra: dict[str, Any] = {"control": "input", "input": kind}
    return Field(default, pattern=f"^({REFERENCE})?$", title=title, json_schema_extra=extra)

"""Parameters of demos: one model validates them and draws their controls."""

from __future__ import annotations

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


def slider(
    default: float,
    low: float,
    high: float,
    step: float,
    title: str,
    only: tuple[str, str] | None = None,
) -> Any:
    """A number chosen on a slider.

    Args:
        only: while what it acts, and why not otherwise; see :class:`app.demos.controls.Control`.
    """
    extra: dict[str, Any] = {"control": "slider", "step": step}
    if only is not None:
        extra["only"], extra["reason"] = only
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
    only: tuple[str, str] | None = None,
) -> Any:
    """A slider for a procedure's parameter, with its default and bounds where none are given.

    Args:
        kind: class of the procedure's parameters.
        name: of the parameter.
        low, high: narrower than the procedure's.
        only: see :func:`slider`.

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
    return slider(default, low, high, step, title, only)


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


def given(kind: str, title: str, default: str = "") -> Any:
    """A drawing, picture or other input, by its reference; empty for none.

    Args:
        kind: of :data:`app.inputs.KINDS`.
    """
    extra: dict[str, Any] = {"control": "input", "input": kind}
    return Field(default, pattern=f"^({REFERENCE})?$", title=title, json_schema_extra=extra)

"""Parameters of demos: one model validates them and draws their controls."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.inputs.inputs import REFERENCE

MAX_SEED = 2**31 - 1


class Parameters(BaseModel):
    """Every demo has a seed; subclasses add what else can be chosen."""

    model_config = ConfigDict(extra="forbid")

    seed: int = Field(0, ge=0, le=MAX_SEED, title="Seed", json_schema_extra={"control": "seed"})


def slider(default: float, low: float, high: float, step: float, title: str) -> Any:
    """A number chosen on a slider."""
    extra: dict[str, Any] = {"control": "slider", "step": step}
    return Field(default, ge=low, le=high, title=title, json_schema_extra=extra)


def select(default: str, choices: dict[str, str], title: str, control: str = "select") -> Any:
    """One of a few values; ``choices`` maps value → label."""
    pattern = "^(" + "|".join(map(re.escape, choices)) + ")$"
    extra: dict[str, Any] = {"control": control, "choices": choices}
    return Field(default, pattern=pattern, title=title, json_schema_extra=extra)


def prompt(default: str) -> Any:
    """A caption to draw."""
    extra: dict[str, Any] = {"control": "prompt"}
    return Field(default, max_length=300, title="Prompt", json_schema_extra=extra)


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


class Control(BaseModel):
    """What the template needs to draw one parameter."""

    name: str
    title: str
    kind: str
    value: Any
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: dict[str, str] = {}


def controls(parameters: Parameters) -> list[Control]:
    """The controls of a parameter model, holding its present values."""
    out = []
    for name, info in type(parameters).model_fields.items():
        extra: Any = info.json_schema_extra or {}
        bounds = {k: getattr(m, k) for m in info.metadata for k in ("ge", "le") if hasattr(m, k)}
        out.append(
            Control(
                name=name,
                title=info.title or name,
                kind=extra.get("control", "number"),
                value=getattr(parameters, name),
                low=bounds.get("ge"),
                high=bounds.get("le"),
                step=extra.get("step"),
                choices=extra.get("choices", {}),
            )
        )
    # The seed belongs last: it is what one touches least.
    return sorted(out, key=lambda c: c.kind == "seed")

"""What is wrong with a request, in a sentence a person understands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.runtime.errors import RequestError


def _range(name: str, v: dict[str, Any]) -> str:
    return f"{name} must be between {v['low']:g} and {v['high']:g}, not {_short(v['value'])}."


def _choice(name: str, v: dict[str, Any]) -> str:
    return f"{name} must be one of {', '.join(v['choices'])}, not {_short(v['value'])}."


def _length(name: str, v: dict[str, Any]) -> str:
    return f"{name} may have at most {v['most']} characters."


def _type(name: str, v: dict[str, Any]) -> str:
    kinds = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text"}
    return f"{name} must be {kinds[v['expected']]}, not {_short(v['value'])}."


def _unknown(name: str, v: dict[str, Any]) -> str:
    known = ", ".join(v["known"]) or "none"
    return f"There is no parameter {_short(name)} here; there are: {known}."


def _missing(name: str, v: dict[str, Any]) -> str:
    return f"{name} of {_shape(v)} are needed to start from."


def _shaped(name: str, v: dict[str, Any]) -> str:
    given = " × ".join(map(str, v["given"]))
    return f"{name} must be of {_shape(v)}; what was sent is {given}."


def _deaf(name: str, v: dict[str, Any]) -> str:
    return "Nothing can be changed in this once it has begun."


SENTENCES: dict[str, Callable[[str, dict[str, Any]], str]] = {
    "out_of_range": _range,
    "not_a_choice": _choice,
    "too_long": _length,
    "wrong_type": _type,
    "unknown": _unknown,
    "missing_input": _missing,
    "wrong_shape": _shaped,
    "no_messages": _deaf,
}
"""Code of a fault → its sentence."""


def say(error: RequestError) -> str:
    """The error as a sentence."""
    return SENTENCES[error.code](error.name, error.values)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _shape(values: dict[str, Any]) -> str:
    shape, rows = values["shape"], values["rows"]
    count = "" if rows is None else f"exactly {rows}, each "
    if len(shape) == 1:
        return f"{count}{shape[0]} numbers each"
    channels, height, width = shape
    kind = {1: "gray", 3: "color"}.get(channels, f"{channels} channels")
    return f"{count}{width} by {height} pixels, {kind}"

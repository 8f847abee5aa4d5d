"""The controls of a demo: its parameters as the page draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models.data.names import DATASETS

if TYPE_CHECKING:
    from app.context import Context
    from app.demos.demo import Demo
    from app.demos.parameters import Parameters


class Control(BaseModel):
    """What the template needs to draw one parameter.

    Attributes:
        kind: ``slider``, ``select``, ``prompt`` …, see ``templates/demos/control.html``.
        default: what an emptied field means.
        foremost: whether it stands beside Play, and not behind a button.
        longest: of a text, in characters.
        input: kind of an input, for its address.
        only: ``NAME=VALUE|VALUE`` of another control while which this one acts; empty for always.
        reason: why it does not act otherwise.
    """

    name: str
    title: str
    kind: str
    value: Any
    default: Any = None
    foremost: bool = False
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: dict[str, str] = {}
    longest: int | None = None
    input: str = ""
    only: str = ""
    reason: str = ""


def control_of(info: FieldInfo) -> str:
    """The kind of control that chooses a parameter; see :class:`Control`."""
    extra: Any = info.json_schema_extra or {}
    return str(extra.get("control", "number"))


BOUNDS = {"ge": "low", "le": "high", "max_length": "longest"}


def controls(parameters: Parameters) -> list[Control]:
    """The controls of a parameter model, holding its present values."""
    out = []
    for name, info in type(parameters).model_fields.items():
        extra: Any = info.json_schema_extra or {}
        bounds = {
            b: getattr(m, k) for m in info.metadata for k, b in BOUNDS.items() if hasattr(m, k)
        }
        out.append(
            Control(
                name=name,
                title=info.title or name,
                kind=control_of(info),
                value=getattr(parameters, name),
                default=info.default,
                step=extra.get("step"),
                choices=extra.get("choices", {}),
                input=extra.get("input", ""),
                only=extra.get("only", ""),
                reason=extra.get("reason", ""),
                **bounds,
            )
        )
    # The seed belongs last: it is what one touches least.
    return sorted(out, key=lambda c: c.kind == "seed")


def controls_here(demo: Demo[Any], parameters: Parameters, context: Context) -> list[Control]:
    """The same, with the data sets that have a model here, and what acts with which of them."""
    known = [c for c in controls(parameters) if c.name not in demo.left_out]
    seen = [c for c in known if c.kind not in ("seed", "hidden")]
    for control in seen:
        control.foremost = control.kind == "timeline" or control.name == demo.foremost
    if seen and not any(c.foremost for c in seen):
        min(seen, key=lambda c: (c.kind != "prompt", c.kind == "dataset")).foremost = True
    choice = next((control for control in known if control.kind == "dataset"), None)
    if choice is None:
        return known
    models = {d: context.zoo.find(family=demo.family, dataset=d) for d in choice.choices}
    offered = {d: label for d, label in choice.choices.items() if models[d] or d == choice.value}
    choice.choices, choice.kind = offered, "select"
    read = {d: _read(demo, d, context) for d in offered if models[d]}
    for control in known:
        acting = [d for d, names in read.items() if control.name in names]
        if control is not choice and acting and len(acting) < len(read):
            others = ", ".join(DATASETS[d] for d in read if d not in acting)
            control.only = f"{choice.name}={'|'.join(acting)}"
            control.reason = f"The model of {others} reads none."
    return known


def _read(demo: Demo[Any], dataset: str, context: Context) -> set[str]:
    """Names of the parameters that the model of a data set has."""
    procedure = f"{demo.model_of(context, dataset)}.sample"
    return set(context.zoo.procedure(procedure).parameters.bounds())

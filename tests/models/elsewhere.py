"""A second device for tests on machines that have none: it computes on the CPU and keeps apart.

Inside :class:`Machine`, tensors that are made on or sent to :data:`DEVICE` are
:class:`Elsewhere`. Like tensors of a GPU they cannot meet tensors of the CPU in an operation, save
where torch itself lets them: single numbers, indices, and copies.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

DEVICE = "meta"
"""A device that torch knows everywhere, with no kernels of its own that could answer instead."""
MIXED = {f"aten::{name}" for name in ("index", "index_put", "index_put_", "copy_")}
"""Operations that take tensors of both devices."""


class Elsewhere(Tensor):
    """A tensor on the second device; its values are in ``inner``, on the CPU."""

    inner: Tensor  # type: ignore[assignment]
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, inner: Tensor) -> Elsewhere:
        layout: dict[str, Any] = {
            "strides": inner.stride(),
            "storage_offset": inner.storage_offset(),
        }
        made: Elsewhere = torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, dtype=inner.dtype, device=torch.device(DEVICE), **layout
        )
        return made

    def __init__(self, inner: Tensor) -> None:
        self.inner = inner

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return compute(func, args, kwargs or {})


class Machine(TorchDispatchMode):
    """As long as it lasts there is a second device."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return compute(func, args, kwargs or {})


def compute(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """One operation, on the device that its tensors are on or that it names.

    Raises:
        RuntimeError: its tensors are on two devices.
    """
    tensors = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
    there = any(isinstance(x, Elsewhere) for x in tensors)
    here = any(not isinstance(x, Elsewhere) and x.ndim > 0 for x in tensors)
    name = func._schema.name
    if there and here and name not in MIXED:
        raise RuntimeError(f"{name}: expected all tensors to be on the same device")
    if kwargs.get("device") is not None:
        there = torch.device(kwargs["device"]).type == DEVICE
        kwargs = {**kwargs, "device": torch.device("cpu")}
    elif name == "aten::copy_":
        there = isinstance(args[0], Elsewhere)
    out = func(*tree_map(_inner, args), **tree_map(_inner, kwargs))
    if args and isinstance(args[0], Elsewhere) and out is args[0].inner:
        return args[0]  # changed in place
    return tree_map(_wrapped, out) if there else out


def _inner(x: Any) -> Any:
    return x.inner if isinstance(x, Elsewhere) else x


def _wrapped(x: Any) -> Any:
    return Elsewhere(x) if isinstance(x, Tensor) and not isinstance(x, Elsewhere) else x

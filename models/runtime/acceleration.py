"""Networks as OpenVINO runs them: operations fused, in the processor's fastest precision.

A step of diffusion then takes a third of the time (``python -m scripts.runtimes``). They are used
where OpenVINO is installed and, measured on the spot, faster than torch and right.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import math
import os
import sys
import threading
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from models.parts.conditions import Conditions
from models.runtime.precision import TOLERANCE, fast, fast_dtype
from models.runtime.timing import best_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.parts.denoiser import Denoiser

log = logging.getLogger(__name__)

SIZES = (1, 2, 4, 8, 16)
"""Rows that a thread takes at once: more would not stay in its cache."""
TRIED = 8
"""Least rows of the batch on which the two are compared."""


def import_openvino() -> Any:
    """OpenVINO without its telemetry, which reports imports and conversions to its makers.

    Raises:
        ImportError: it is not installed.
    """
    # Python's way to say that there is no such package, as where it is not installed.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return importlib.import_module("openvino")


@cache
def core() -> Any:
    """OpenVINO's one core of this process.

    It lives as long as the process: each gives its thread a stack for signals, and one that is gone
    leaves the thread without, so that the next Ctrl-C ends the process by a fault of memory.

    Raises:
        ImportError: OpenVINO is not installed.
    """
    return import_openvino().Core()


class TensorStep(nn.Module):
    """:meth:`models.parts.denoiser.Denoiser.denoise` of tensors alone, as tracing wants it.

    Args:
        net: the denoiser.
        names: of the conditions that it reads.
    """

    def __init__(self, net: Denoiser, names: Sequence[str]) -> None:
        super().__init__()
        self.net, self.names = net, tuple(names)

    def forward(self, x: Tensor, t: Tensor, *conditions: Tensor) -> Tensor:
        """Noisy input, times and the conditions in the order of their names → the prediction."""
        read = Conditions(**dict(zip(self.names, conditions, strict=True)))
        return self.net.denoise(x, t, read)


class Fused:
    """A network of tensors compiled by OpenVINO, once for each of :data:`SIZES`.

    With a fixed number of rows more operations are fused. A batch is cut into equal parts, and
    each thread takes parts of its own: they stay in its core's cache, and it waits for no other
    after every operation. A row's result depends neither on other rows nor on the cut.

    Args:
        network: from tensors to a tensor, the rows of each one's first dimension apart; its weights
            are copied.
        example: what it may be given, of any number of rows.
        threads: of the processor, 0 for all.

    Raises:
        ImportError: OpenVINO is not installed.
    """

    def __init__(self, network: nn.Module, example: Sequence[Tensor], threads: int = 0) -> None:
        vino = import_openvino()
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of tracing: no branch here depends on values
            model = vino.convert_model(network, example_input=tuple(example))
        self._threads = threads or os.cpu_count() or 1
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if fast_dtype() is torch.bfloat16 else "f32",
            "INFERENCE_NUM_THREADS": self._threads,
            "NUM_STREAMS": self._threads,
            "ENABLE_CPU_PINNING": False,  # several replicas would pin the same cores
            "SNIPPETS_MODE": "DISABLE",  # slower here, and 2026.4 now and then crashes in them
        }
        self._runs: dict[int, list[Any]] = {}
        for size in SIZES:
            shapes = (vino.PartialShape([size, *given.shape[1:]]) for given in example)
            model.reshape(dict(zip(model.inputs, shapes, strict=True)))
            compiled = core().compile_model(model, "CPU", settings)
            self._runs[size] = [compiled.create_infer_request() for _ in range(self._threads)]
        self._lock = threading.Lock()

    def __call__(self, *inputs: Tensor) -> Tensor:
        """What the network answers; one caller after the other."""
        given = [one.contiguous() for one in inputs]
        size, turns = cut(len(given[0]), self._threads)
        answers: list[Tensor] = []
        with self._lock:
            for turn in turns:
                begun = list(zip(self._runs[size], turn, strict=False))
                held = [[_filled(one[rows], size) for one in given] for _, rows in begun]
                for (run, _), tensors in zip(begun, held, strict=True):
                    run.start_async([tensor.numpy() for tensor in tensors], share_inputs=True)
                for run, rows in begun:
                    run.wait()
                    answer = torch.from_numpy(run.get_output_tensor().data)
                    answers.append(answer[: rows.stop - rows.start].clone())
        return torch.cat(answers)


class FusedStep:
    """A denoiser's step as a :class:`Fused` network.

    Args:
        net: the denoiser.
        shape: of one input, [channels, H, W].
        read: conditions as the network read them, for their names and shapes.
        threads: of the processor, 0 for all.

    Raises:
        ImportError: OpenVINO is not installed.
    """

    def __init__(
        self, net: Denoiser, shape: Sequence[int], read: Conditions, threads: int = 0
    ) -> None:
        n = len(read)
        example = (torch.zeros(n, *shape), torch.ones(n), *read.tensors)
        self._fused = Fused(TensorStep(net, read.names), example, threads)

    def __call__(self, x: Tensor, t: Tensor, read: Conditions) -> Tensor:
        """See :meth:`models.parts.denoiser.Denoiser.denoise`."""
        return self._fused(x, t, *read.tensors)


def cut(rows: int, threads: int) -> tuple[int, list[list[slice]]]:
    """Turns in which every thread takes one of as many equal parts, and their :data:`SIZES`."""
    count = math.ceil(rows / (threads * SIZES[-1]))
    share = math.ceil(rows / (threads * count))
    size = next(size for size in SIZES if size >= share)
    parts = [slice(i, min(i + share, rows)) for i in range(0, rows, share)]
    return size, [parts[i : i + threads] for i in range(0, len(parts), threads)]


def _filled(part: Tensor, size: int) -> Tensor:
    """So many rows; those that are missing repeat the last."""
    missing = size - len(part)
    return part if not missing else torch.cat([part, part[-1:].expand(missing, *part.shape[1:])])


def accelerate(
    net: Denoiser, shape: Sequence[int], read: Conditions, threads: int = 0
) -> FusedStep | None:
    """The fused step, or ``None`` where it is not installed, not faster or not right.

    Takes some seconds.

    Args:
        net, shape, threads: see :class:`FusedStep`.
        read: of several prompts, on each of which it has to be right.
    """
    if importlib.util.find_spec("openvino") is None:
        return None
    try:
        fused = FusedStep(net, shape, read, threads)
        return fused if _worthwhile(net, fused, shape, read) else None
    except Exception:
        log.exception("OpenVINO cannot run this network; torch does")
        return None


def _worthwhile(net: Denoiser, fused: FusedStep, shape: Sequence[int], read: Conditions) -> bool:
    rows = max(TRIED, len(read))
    tried = read.rows(torch.arange(rows) % len(read))
    x = torch.randn(rows, *shape, generator=torch.Generator().manual_seed(0))
    t = torch.linspace(0.05, 1, rows)

    def plain(_: int) -> Tensor:
        return fast(net.denoise, x, t, tried)

    with torch.no_grad():
        exact = net.denoise(x, t, tried)
        error = float((_size(fused(x, t, tried) - exact) / _size(exact)).max())
        if not error <= TOLERANCE:
            log.warning("OpenVINO is off by %.3g; torch runs this network", error)
            return False
        plain(0)
        return best_seconds(lambda _: fused(x, t, tried)) < best_seconds(plain)


def _size(x: Tensor) -> Tensor:
    """Root mean square of every row, [n]."""
    return x.flatten(1).square().mean(1).sqrt()

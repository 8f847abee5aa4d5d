"""A denoiser's step as OpenVINO runs it: operations fused, in the processor's fastest precision.

A step of diffusion then takes half of the time (``python -m scripts.runtimes``). It is used where
it is installed and, measured on the spot, faster than torch and right.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from models.clip import TextFeatures
from models.denoiser import Denoiser
from models.precision import TOLERANCE, fast, fast_dtype
from models.timing import best_seconds

log = logging.getLogger(__name__)

TRIED = 8
"""Rows of the batch on which the two are compared."""


class TensorStep(nn.Module):
    """:meth:`models.denoiser.Denoiser.denoise` of tensors alone, as tracing wants it."""

    def __init__(self, net: Denoiser) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, t: Tensor, tokens: Tensor, pooled: Tensor, mask: Tensor) -> Tensor:
        """Noisy input, times and what a prompt's features hold → the prediction."""
        return self.net.denoise(x, t, TextFeatures(tokens, pooled, mask))


class FusedStep:
    """A denoiser compiled by OpenVINO for any number of rows.

    A row's result does not depend on the others. Not for several threads at once.

    Args:
        net: the denoiser; its weights are copied.
        shape: of one input, [channels, H, W].
        text: features of any prompts, for their shapes.
        threads: of the processor, 0 for all.

    Raises:
        ImportError: OpenVINO is not installed.
    """

    def __init__(
        self, net: Denoiser, shape: Sequence[int], text: TextFeatures, threads: int = 0
    ) -> None:
        vino = importlib.import_module("openvino")
        example = _inputs(torch.zeros(len(text.pooled), *shape), torch.ones(len(text.pooled)), text)
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of tracing: no branch here depends on values
            model = vino.convert_model(TensorStep(net), example_input=example)
        rows = {
            port: vino.PartialShape([-1, *given.shape[1:]])
            for port, given in zip(model.inputs, example, strict=True)
        }
        model.reshape(rows)
        precision = "bf16" if fast_dtype() is torch.bfloat16 else "f32"
        settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,  # several replicas would pin the same cores
        }
        self._network: Any = vino.compile_model(model, "CPU", settings)

    def __call__(self, x: Tensor, t: Tensor, text: TextFeatures) -> Tensor:
        """See :meth:`models.denoiser.Denoiser.denoise`."""
        given = [tensor.numpy() for tensor in _inputs(x, t, text)]
        return torch.from_numpy(self._network(given)[0])


def _inputs(x: Tensor, t: Tensor, text: TextFeatures) -> tuple[Tensor, ...]:
    parts = (x, t, text.tokens, text.pooled, text.mask)
    return tuple(part.contiguous() for part in parts)


def accelerate(
    net: Denoiser, shape: Sequence[int], text: TextFeatures, threads: int = 0
) -> FusedStep | None:
    """The fused step, or ``None`` where it is not installed, not faster or not right.

    Takes some seconds; see :class:`FusedStep` for the arguments.
    """
    if importlib.util.find_spec("openvino") is None:
        return None
    try:
        fused = FusedStep(net, shape, text, threads)
        return fused if _worthwhile(net, fused, shape, text) else None
    except Exception:
        log.exception("OpenVINO cannot run this network; torch does")
        return None


def _worthwhile(net: Denoiser, fused: FusedStep, shape: Sequence[int], text: TextFeatures) -> bool:
    rows = torch.arange(TRIED) % len(text.pooled)
    told = TextFeatures(text.tokens[rows], text.pooled[rows], text.mask[rows])
    x = torch.randn(TRIED, *shape, generator=torch.Generator().manual_seed(0))
    t = torch.linspace(0.05, 1, TRIED)

    def plain(_: int) -> Tensor:
        return fast(net.denoise, x, t, told)

    with torch.no_grad():
        exact = net.denoise(x, t, told)
        error = (fused(x, t, told) - exact).square().mean().sqrt()
        if error > TOLERANCE * exact.square().mean().sqrt():
            log.warning("OpenVINO is off by %.3g; torch runs this network", error)
            return False
        plain(0)
        return best_seconds(lambda _: fused(x, t, told)) < best_seconds(plain)

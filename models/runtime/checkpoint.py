"""Weights as safetensors, each beside a card that says how they came about and what they score.

``checkpoints/NAME.safetensors`` holds tensors only; ``checkpoints/NAME.json`` is its card:
name, family, parameters, sha256, data, recipe, steps, images, seed, seconds, hardware, bits,
measured. With 16 bits a value, tensors are float16. With 8, the large ones are integers from -127
to 127 and one float16 step a row (``NAME.step``), as in LLM.int8 (Dettmers et al., 2022); they are
read back as floats.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

VARIABLE = "GMFT_CHECKPOINTS"
"""Environment variable that may name another folder of checkpoints, to read from and write into."""
FOLDER = Path(
    os.environ.get(VARIABLE) or Path(__file__).resolve().parent.parent.parent / "checkpoints"
)
MAX_BYTES = 16 * 2**20
STEP = ".step"
SMALL = 4096
"""Tensors of fewer values are never rounded: they weigh little."""

Card = dict[str, Any]
M = TypeVar("M", bound=torch.nn.Module)
CPU = torch.device("cpu")


class CheckpointError(RuntimeError):
    """A checkpoint that is missing, truncated, altered or of another shape; names the file."""


def round_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A weight [rows, …] as int8 of its shape and the float16 step of every row, [rows]."""
    rows = weight.float().flatten(1)
    # Half a unit more, so that rounding to float16 never makes the step too small.
    step = (rows.abs().amax(1) / 127 * (1 + 2**-11) + 2**-25).clamp(min=2**-24).half()
    levels = (rows / step.float()[:, None]).round().clamp(-127, 127)
    return levels.to(torch.int8).view(weight.shape), step


def unround(levels: Tensor, step: Tensor) -> Tensor:
    """Inverse of :func:`round_rows`, up to half a step: float32."""
    return (levels.float().flatten(1) * step.float()[:, None]).view(levels.shape)


def _pack(weights: Mapping[str, Tensor], bits: int) -> dict[str, Tensor]:
    packed = {}
    for key, weight in weights.items():
        value = weight.detach().cpu()
        if bits == 8 and value.ndim > 1 and value.numel() >= SMALL and value.is_floating_point():
            packed[key], packed[key + STEP] = round_rows(value)
        else:
            packed[key] = value.half() if value.is_floating_point() else value
    return {key: value.contiguous().clone() for key, value in packed.items()}


def _unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    weights = {}
    for key, value in packed.items():
        if key + STEP in packed:
            weights[key] = unround(value, packed[key + STEP])
        elif key.removesuffix(STEP) not in packed or not key.endswith(STEP):
            weights[key] = value.float() if value.is_floating_point() else value
    return weights


def save_checkpoint(
    name: str, weights: Mapping[str, Tensor], card: Card, folder: Path = FOLDER, bits: int = 16
) -> Path:
    """Write weights and card.

    Args:
        bits: 16 or 8 a value; see the module.

    Raises:
        ValueError: the file would be larger than :data:`MAX_BYTES`, or other bits.
    """
    if bits not in (8, 16):
        raise ValueError(f"weights are kept with 8 or 16 bits, not {bits}")
    folder.mkdir(parents=True, exist_ok=True)
    tensors = _pack(weights, bits)
    size = sum(t.numel() * t.element_size() for t in tensors.values())
    if size > MAX_BYTES:
        raise ValueError(f"{name}: {size / 2**20:.1f} MiB of weights, more than a file may hold")
    path = folder / f"{name}.safetensors"
    save_file(tensors, path)
    path.chmod(0o644)  # the writer leaves it to its owner alone; an image's user must read it
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file = {"file": path.name, "bytes": path.stat().st_size, "bits": bits, "sha256": digest}
    full = {"name": name, **card, **file}
    write_card(full, folder)
    return path


def write_card(card: Card, folder: Path = FOLDER) -> None:
    """Write one card beside its weights."""
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{card['name']}.json").write_text(text, encoding="utf-8")


def load_card(name: str, folder: Path = FOLDER) -> Card:
    """Read one card.

    Raises:
        CheckpointError: missing or not JSON.
    """
    path = folder / f"{name}.json"
    try:
        card: Card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"{path.name}: the model card is missing ({error.strerror})"
        ) from error
    except ValueError as error:
        raise CheckpointError(f"{path.name}: the model card is not JSON ({error})") from error
    return card


def load_checkpoint(name: str, folder: Path = FOLDER) -> tuple[dict[str, Tensor], Card]:
    """Read weights (as float32) and card, checking the file against the card's sha256.

    Raises:
        CheckpointError: the file is missing, truncated or does not match its card.
    """
    card = load_card(name, folder)
    path = folder / f"{name}.safetensors"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path.name}: the weights are missing ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise CheckpointError(f"{path.name}: the file does not match the sha256 of its card")
    try:
        tensors = load(data)
    except SafetensorError as error:
        raise CheckpointError(f"{path.name}: not a safetensors file ({error})") from error
    return _unpack(tensors), card


def load_into(module: torch.nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Load weights strictly into a module, in evaluation mode and without gradients.

    Raises:
        CheckpointError: names or shapes differ.
    """
    known = module.state_dict()
    missing, unexpected = known.keys() - weights.keys(), weights.keys() - known.keys()
    misshapen = [k for k in known.keys() & weights.keys() if known[k].shape != weights[k].shape]
    if missing or unexpected or misshapen:
        raise CheckpointError(
            f"{name}.safetensors: does not fit the model ({len(missing)} tensors missing, "
            f"{len(unexpected)} unexpected, {len(misshapen)} of another shape)"
        )
    module.load_state_dict(dict(weights))
    module.eval().requires_grad_(False)


def section(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under ``prefix.``, without it: one file may hold several modules."""
    start = prefix + "."
    return {key[len(start) :]: value for key, value in weights.items() if key.startswith(start)}


@dataclass(frozen=True)
class Checkpoint:
    """A model's weights and card, to build its networks from.

    Attributes:
        name: of the model.
        weights: float32, by name.
        card: what ``NAME.json`` says; ``architecture`` holds what the network is built with.
        device: where networks are put.
    """

    name: str
    weights: Mapping[str, Tensor]
    card: Card
    device: torch.device = CPU

    @classmethod
    def read(cls, name: str, folder: Path = FOLDER, device: torch.device = CPU) -> Checkpoint:
        """Read both files.

        Raises:
            CheckpointError: see :func:`load_checkpoint`.
        """
        return cls(name, *load_checkpoint(name, folder), device)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the network is built with, by the names of its constructor."""
        return {k: v for k, v in self.card.get("architecture", {}).items() if k != "name"}

    def build(self, kind: Callable[..., M], prefix: str = "") -> M:
        """The network with its weights, in evaluation mode.

        Args:
            kind: its class, called with :attr:`arguments`.
            prefix: of its weights, where a file holds several networks.

        Raises:
            CheckpointError: weights and network do not fit.
        """
        try:
            network = kind(**self.arguments)
        except TypeError as error:
            raise CheckpointError(f"{self.name}.json: architecture: {error}") from error
        load_into(network, section(self.weights, prefix) if prefix else self.weights, self.name)
        return network.to(self.device)

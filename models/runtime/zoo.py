"""Which models there are, and the procedures each offers; loads a model on first use."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import torch

from models.runtime.checkpoint import FOLDER, Card, CheckpointError, load_card
from models.runtime.precision import fast_dtype
from models.runtime.sampler import Sampler


@dataclass(frozen=True)
class Entry:
    """One shipped model: its family, the module that loads it and the procedures it offers.

    The module's ``load(name, folder)`` returns a mapping of procedure name → :class:`Sampler`,
    or, for helpers (judge, CLIP, tokenizer), the model itself.
    """

    family: str
    module: str
    procedures: tuple[str, ...] = ()
    dataset: str = "faces"


ENTRIES: dict[str, Entry] = {
    "vae": Entry(
        "vae", "models.procedures.vae", ("sample", "reconstruct", "interpolate", "encode", "decode")
    ),
    "vae-prior": Entry("vae", "models.procedures.vae_prior", ("sample",)),
    "gan": Entry("gan", "models.procedures.gan", ("sample", "mix", "film")),
    "gan-collapsed": Entry("gan", "models.procedures.gan", ("sample", "film")),
    "flow": Entry("flow", "models.procedures.flow", ("sample", "roundtrip", "encode", "decode")),
    "autoregressive": Entry(
        "autoregressive", "models.procedures.autoregressive", ("sample", "complete")
    ),
    "diffusion": Entry("diffusion", "models.procedures.diffusion", ("sample", "noise")),
    "flow-matching": Entry("diffusion", "models.procedures.flow_matching", ("sample",)),
    "latent-diffusion": Entry(
        "latent_diffusion", "models.procedures.latent_diffusion", ("sample", "autoencode")
    ),
    "fashion-flow": Entry(
        "flow",
        "models.procedures.flow",
        ("sample", "roundtrip", "encode", "decode"),
        "fashion",
    ),
    "fashion-autoregressive": Entry(
        "autoregressive", "models.procedures.patch_autoregressive", ("sample",), "fashion"
    ),
    "fashion-diffusion": Entry(
        "diffusion", "models.procedures.fashion_diffusion", ("sample",), "fashion"
    ),
    "clip": Entry("clip", "models.parts.clip"),
    "judge": Entry("judge", "models.parts.judge"),
    "fashion-judge": Entry("judge", "models.parts.judge", dataset="fashion"),
    "tokenizer": Entry("tokenizer", "models.parts.tokenizer"),
    "autoencoder": Entry("autoencoder", "models.parts.autoencoder"),
}
"""Model name → what it offers, in the order of the course."""


class Zoo:
    """The shipped models of one folder of checkpoints.

    Args:
        folder: holds ``NAME.safetensors`` and ``NAME.json``.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._loaded: dict[str, Any] = {}
        self._locks = {name: Lock() for name in ENTRIES}

    def names(self) -> list[str]:
        """All model names, shipped or not."""
        return list(ENTRIES)

    def card(self, name: str) -> Card:
        """The model's card.

        Raises:
            KeyError: unknown model.
            CheckpointError: the card cannot be read.
        """
        if name not in ENTRIES:
            raise KeyError(name)
        return load_card(name, self.folder)

    def load(self, name: str) -> Any:
        """The model, loaded once.

        Raises:
            KeyError: unknown model.
            CheckpointError: missing, corrupt or ill-fitting weights; names the file.
        """
        with self._locks[name]:
            if name not in self._loaded:
                module = importlib.import_module(ENTRIES[name].module)
                fast_dtype()  # measured now, so that no request waits for it
                # Whoever asks first, the weights shall be able to take part in a gradient.
                with torch.inference_mode(False):
                    self._loaded[name] = module.load(name, self.folder)
            return self._loaded[name]

    def prepare(self, name: str, threads: int = 0) -> None:
        """Load a model and let its samplers prepare for speed, which may take seconds.

        Args:
            threads: see :meth:`models.runtime.sampler.Sampler.prepare`.

        Raises:
            KeyError, CheckpointError: see :meth:`load`.
        """
        model = self.load(name)
        for action in ENTRIES[name].procedures:
            model[action].prepare(threads)

    def loaded(self) -> list[str]:
        """Names of the models in memory."""
        return list(self._loaded)

    def procedures(self) -> list[str]:
        """Every ``model.procedure`` name."""
        return [f"{name}.{p}" for name, entry in ENTRIES.items() for p in entry.procedures]

    def sampler(self, procedure: str) -> Sampler[Any]:
        """The sampler of ``model.procedure``, for example ``vae.reconstruct``.

        Raises:
            KeyError: unknown procedure.
            CheckpointError: see :meth:`load`.
        """
        name, _, action = procedure.partition(".")
        if name not in ENTRIES or action not in ENTRIES[name].procedures:
            raise KeyError(procedure)
        samplers: Mapping[str, Sampler[Any]] = self.load(name)
        return samplers[action]


__all__ = ["ENTRIES", "CheckpointError", "Entry", "Zoo"]

"""Which models there are, and the procedures each offers; loads a model on first use."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

import torch

from models.runtime.architecture import AnySampler, Architecture, Model, N
from models.runtime.checkpoint import (
    CPU,
    FOLDER,
    Card,
    Checkpoint,
    CheckpointError,
    load_card,
)
from models.runtime.device import OnDevice
from models.runtime.precision import fast_dtype

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from models.runtime.sampler import Request

log = logging.getLogger(__name__)

PACKAGES = ("models.procedures",)
"""Where architectures are looked for."""


def architectures(packages: Sequence[str] = PACKAGES) -> dict[str, Architecture]:
    """Every :class:`Architecture` of the packages' modules, by its name."""
    found = {}
    for package in packages:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            for value in vars(importlib.import_module(f"{package}.{module.name}")).values():
                if isinstance(value, Architecture):
                    found[value.name] = value
    return found


class Zoo:
    """The shipped models of one folder of checkpoints: one for every card in it.

    Args:
        folder: holds ``NAME.safetensors`` and ``NAME.json``.
        packages: see :func:`architectures`.
        device: where networks are put and requests computed.

    Attributes:
        left_device: why the device was given up, in words; empty while it is not.
    """

    def __init__(
        self,
        folder: Path = FOLDER,
        packages: Sequence[str] = PACKAGES,
        device: torch.device = CPU,
    ) -> None:
        self.folder, self.packages, self.device = folder, tuple(packages), device
        self._models: dict[str, Model] = {}
        self._read: dict[str, tuple[int, Card]] = {}
        self.left_device = ""
        self._lock = RLock()  # a model may ask for another's network while it is loaded

    @cached_property
    def architectures(self) -> dict[str, Architecture]:
        """Kinds of models by name."""
        return architectures(self.packages)

    def names(self) -> list[str]:
        """All models that have a readable card, sorted."""
        return sorted(self._cards())

    def card(self, name: str) -> Card:
        """The model's card, read again when its file has changed.

        Raises:
            CheckpointError: there is none, or it cannot be read.
        """
        try:
            changed = (self.folder / f"{name}.json").stat().st_mtime_ns
        except OSError:
            return load_card(name, self.folder)  # which says what is wrong
        known = self._read.get(name)
        if known is None or known[0] != changed:
            known = self._read[name] = (changed, load_card(name, self.folder))
        return known[1]

    def architecture(self, name: str) -> Architecture:
        """What kind of model it is.

        Raises:
            CheckpointError: the card is missing or names no known architecture.
        """
        kind = self.card(name).get("architecture", {}).get("name")
        if kind not in self.architectures:
            raise CheckpointError(f"{name}.json: there is no architecture {kind!r}")
        return self.architectures[kind]

    def find(self, **wanted: Any) -> list[str]:
        """Models whose cards hold these values, for example ``family="flow", dataset="faces"``."""
        cards = self._cards().items()
        return sorted(n for n, card in cards if wanted.items() <= _plain(card).items())

    def _cards(self) -> dict[str, Card]:
        return dict(self._readable())

    def _readable(self) -> Iterator[tuple[str, Card]]:
        for path in self.folder.glob("*.json"):
            try:
                yield path.stem, self.card(path.stem)
            except CheckpointError:
                continue  # whoever needs it learns why

    def load(self, name: str) -> Model:
        """The model, loaded once.

        Raises:
            CheckpointError: missing, corrupt or ill-fitting weights; names the file.
        """
        with self._lock:
            if name not in self._models:
                fast_dtype()  # measured now, so that no request waits for it
                # Outside inference mode, so that weights can take part in a gradient later.
                with torch.inference_mode(False):
                    checkpoint = Checkpoint.read(name, self.folder, self.device)
                    model = self.architecture(name).load(checkpoint, self)
                for action, sampler in model.samplers.items():
                    sampler.defaults = self.defaults(f"{name}.{action}")
                self._models[name] = self._placed(model)
            return self._models[name]

    def _placed(self, model: Model) -> Model:
        """Samplers whose networks are on an accelerator are told so."""
        if self.device.type == "cpu":
            return model
        samplers = {
            action: OnDevice(sampler, self.device, self.fall_back)
            for action, sampler in model.samplers.items()
        }
        return Model(model.network, samplers)

    def fall_back(self, reason: str) -> None:
        """Go on with the processor: models are loaded anew when they are asked for.

        Args:
            reason: why the accelerator is left, in words.
        """
        with self._lock:
            if self.device.type == "cpu":
                return
            self.left_device = f"The models left the {self.device.type} device: {reason}."
            log.error(self.left_device)
            self.device = CPU
            self._models.clear()

    def network(self, name: str, kind: type[N]) -> N:
        """A model's network, shared by all who ask for it.

        Raises:
            CheckpointError: see :meth:`load`; also where it is of another kind.
        """
        network = self.load(name).network
        if not isinstance(network, kind):
            raise CheckpointError(f"{name}.json: a {kind.__name__} is needed in its place")
        return network

    def prepare(self, name: str, threads: int = 0) -> None:
        """Load a model and let its samplers prepare for speed, which may take seconds.

        Args:
            threads: see :meth:`models.runtime.sampler.Sampler.prepare`.

        Raises:
            CheckpointError: see :meth:`load`.
        """
        for sampler in self.load(name).samplers.values():
            sampler.prepare(threads)

    def loaded(self) -> list[str]:
        """Names of the models in memory."""
        return list(self._models)

    def procedures(self) -> list[str]:
        """Every ``model.procedure`` name, sorted by model."""
        known = ((name, card) for name, card in sorted(self._cards().items()))
        kinds = ((n, self.architectures.get(_kind(card))) for n, card in known)
        return [f"{n}.{action}" for n, kind in kinds if kind for action in kind.procedures]

    def procedure(self, procedure: str) -> type[AnySampler]:
        """The class of ``model.procedure``, with its parameters and limits; loads no weights.

        Raises:
            KeyError: the model has no such procedure.
            CheckpointError: there is no such model.
        """
        name, _, action = procedure.partition(".")
        try:
            return self.architecture(name).procedures[action]
        except KeyError:
            raise KeyError(procedure) from None

    def defaults(self, procedure: str) -> dict[str, Any]:
        """What the model's card says of the procedure's default parameters."""
        name, _, action = procedure.partition(".")
        defaults: dict[str, Any] = self.card(name).get("defaults", {}).get(action, {})
        return defaults

    def request(
        self, procedure: str, n: int | None = None, seed: int = 0, **values: Any
    ) -> Request[Any]:
        """A request of ``model.procedure`` from plain values; loads no weights.

        Raises:
            KeyError, CheckpointError: see :meth:`procedure`.
            RequestError: see :meth:`models.runtime.sampler.Sampler.ask`.
        """
        kind = self.procedure(procedure)
        return kind.ask(n, seed, values, self.defaults(procedure))

    def sampler(self, procedure: str) -> AnySampler:
        """The sampler of ``model.procedure``, for example ``vae.reconstruct``.

        Raises:
            KeyError, CheckpointError: see :meth:`procedure` and :meth:`load`.
        """
        self.procedure(procedure)
        name, _, action = procedure.partition(".")
        return self.load(name).samplers[action]


def network(name: str, kind: type[N], folder: Path = FOLDER) -> N:
    """One network of the folder, loaded anew, for what trains or measures with it.

    Raises:
        CheckpointError: see :meth:`Zoo.load`.
    """
    return Zoo(folder).network(name, kind)


def _kind(card: Card) -> str:
    return str(card.get("architecture", {}).get("name"))


def _plain(card: Card) -> dict[str, Any]:
    return {k: v for k, v in card.items() if isinstance(v, str)}


__all__ = ["PACKAGES", "CheckpointError", "Zoo", "architectures", "network"]

"""What a kind of model is: how its networks are built from a checkpoint, and what they can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from torch import nn

from models.runtime.checkpoint import Checkpoint
from models.runtime.sampler import Sampler

N = TypeVar("N", bound=nn.Module)
AnySampler = Sampler[Any, Any]


class Parts(Protocol):
    """Where an architecture finds the networks that it shares with others: the zoo."""

    def network(self, name: str, kind: type[N]) -> N:
        """The network of another model, one in memory for all who ask for it."""


@dataclass(frozen=True)
class Model:
    """A model in memory.

    Attributes:
        network: what was trained.
        samplers: what it does, by the name of the procedure.
    """

    network: nn.Module
    samplers: Mapping[str, AnySampler] = field(default_factory=dict)


@dataclass(frozen=True)
class Architecture:
    """A kind of model. A module of :mod:`models.procedures` or :mod:`models.parts` has one, named
    ``ARCHITECTURE``, and every model whose card says ``architecture.name`` is built by it.

    Attributes:
        name: as cards say it.
        family: of the course, for colours and tables.
        load: from a checkpoint and shared parts to a model.
        procedures: what its models can do, known before their weights are loaded.
    """

    name: str
    family: str
    load: Callable[[Checkpoint, Parts], Model]
    procedures: Mapping[str, type[AnySampler]] = field(default_factory=dict)

"""What a model brings to the training loop."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from models.runtime import precision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from models.data.rendering import Portion
    from models.runtime.checkpoint import Card

M = TypeVar("M", bound=nn.Module)


class EMA:
    """Exponential moving average of a module's weights, with a warm-up so early steps count.

    Args:
        module: whose weights are averaged.
        decay: of the average once warmed up, in (0, 1).
    """

    def __init__(self, module: nn.Module, decay: float = 0.999) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Blend in the weights after optimizer step ``step``."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(
            list(self.module.parameters()), [p.detach() for p in module.parameters()], 1 - decay
        )
        for own, buffer in zip(self.module.buffers(), module.buffers(), strict=True):
            own.copy_(buffer)


class Recipe(ABC):
    """One model's data, networks, loss and measurements; the loop does the rest.

    A subclass fills ``modules`` and ``optimizers`` in its constructor (and ``averages``, if it
    keeps any): everything in them is saved and resumed.

    Args:
        device: ``cpu`` or ``cuda``.
        seed: of initial weights and batches.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    architecture: ClassVar[str]
    """What builds the shipped model, see :class:`models.runtime.architecture.Architecture`."""
    arguments: ClassVar[Mapping[str, Any]] = {}
    """Of its network, as the card keeps them."""
    dataset: ClassVar[str] = "faces"
    worlds: ClassVar[tuple[str, ...]] = ()
    """What it draws, its data set among them, where that is more than its data set."""
    defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Procedure → default parameters that differ from those of its class."""
    minutes: ClassVar[float]
    """Default training time on two CPU cores."""
    rate: float
    """Of learning, before it falls."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Models whose checkpoints the recipe reads, to learn from or to measure by."""
    lender: ClassVar[str | None] = None
    """Model whose checkpoint a training begins with, as far as its weights fit."""
    portions: ClassVar[tuple[Portion, ...]] = ()
    """Pictures that the recipe learns from and is measured by, to be rendered before."""
    bits: ClassVar[int] = 16
    """A value of the shipped weights: 16, or 8 where the measured quality is no worse."""

    def __init__(self, device: str, seed: int) -> None:
        torch.manual_seed(seed)
        self.device = device
        self.modules: dict[str, nn.Module] = {}
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        self.averages: dict[str, EMA] = {}
        self.images_per_step = 0

    @classmethod
    def needed(cls, continued: bool = False) -> tuple[str, ...]:
        """Models to be trained before this one, which needs no lender where it is continued."""
        return (*cls.needs, cls.lender) if cls.lender and not continued else cls.needs

    def autocast(self) -> AbstractContextManager[Any]:
        """Mixed precision where this processor gains by it; float32 otherwise."""
        return precision.autocast(self.device)

    @classmethod
    def identity(cls) -> Card:
        """What the card says for :class:`models.runtime.zoo.Zoo` to build and find the model."""
        card: Card = {
            "family": cls.family,
            "architecture": {"name": cls.architecture, **cls.arguments},
            "dataset": cls.dataset,
        }
        if cls.worlds:
            card["worlds"] = list(cls.worlds)
        return {**card, "defaults": dict(cls.defaults)} if cls.defaults else card

    @abstractmethod
    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One optimizer step; ``progress`` runs from 0 to 1. Returns losses to print."""

    def descend(self, name: str, loss: Tensor, step: int) -> None:
        """One optimizer step of module ``name`` down ``loss``, gradients clipped at norm 1."""
        self.optimizers[name].zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.modules[name].parameters(), 1.0)
        self.optimizers[name].step()
        if name in self.averages:
            self.averages[name].update(self.modules[name], step)

    @abstractmethod
    def sheet(self) -> Tensor:
        """Sample sheet, float [n, 3, H, W] in [-1, 1], n a multiple of 8."""

    def shipped(self, kind: type[M]) -> M:
        """A copy of the averaged network on the CPU, where sheets are drawn and figures measured.

        Training goes on with the networks as they are, whatever their device.

        Raises:
            TypeError: the network is of another kind.
            ValueError: the recipe averages several networks, or none.
        """
        (average,) = self.averages.values()
        network = copy.deepcopy(average.module).float().cpu()
        if not isinstance(network, kind):
            raise TypeError(f"{self.name} averages a {type(network).__name__}")
        return network

    def weights(self) -> Mapping[str, Tensor]:
        """The tensors to ship: those of the averaged network."""
        return self.shipped(nn.Module).state_dict()

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Card entries ``data``, ``recipe`` (a dict), ``parameters`` (a count)."""

    @abstractmethod
    def measure(self) -> dict[str, Any]:
        """Card entry ``measured``, computed from the shipped weights."""

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from shipped weights and what their card tells, instead of random ones.

        Raises:
            ValueError: the recipe trains several networks, of which a checkpoint holds a part.
        """
        if len(self.modules) != 1:
            raise ValueError(f"{self.name} cannot be continued from its checkpoint")
        for module in (*self.modules.values(), *(a.module for a in self.averages.values())):
            module.load_state_dict(dict(weights))

    def borrow(self, weights: Mapping[str, Tensor]) -> int:
        """Start from those of another model's weights that have a namesake of the same shape.

        Returns:
            How many values were taken over; the others stay random.
        """
        taken = 0
        for module in (*self.modules.values(), *(a.module for a in self.averages.values())):
            own = module.state_dict()
            shared = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
            module.load_state_dict(own | shared)
            taken = sum(v.numel() for v in shared.values())
        return taken

    def freeze(self, prefix: str) -> None:
        """Let weights whose names begin so stay as they are.

        Raises:
            ValueError: there are none.
        """
        named = [item for module in self.modules.values() for item in module.named_parameters()]
        frozen = [weight for name, weight in named if name.startswith(prefix)]
        if not frozen:
            raise ValueError(f"{self.name} has no weights whose names begin with {prefix!r}")
        for weight in frozen:
            weight.requires_grad_(False)

    def checkpoint_extras(self) -> dict[str, Any]:
        """Further state to resume from."""
        return {}

    def resume_extras(self, extras: dict[str, Any]) -> None:  # noqa: B027 - most have none
        """Inverse of :meth:`checkpoint_extras`."""


def channels_last(module: M, device: str) -> M:
    """The module on its device, convolutions in the memory order that is fastest there."""
    module.to(device)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def on_cpu(module: M) -> M:
    """A copy of a frozen module on the CPU, for samplers."""
    return copy.deepcopy(module).cpu()


def set_rate(optimizer: torch.optim.Optimizer, base: float, progress: float, step: int) -> None:
    """Linear warm-up over 200 steps, constant, then a linear fall over the last 40% to base/20."""
    warm = min(1.0, (step + 1) / 200)
    fall = 1.0 if progress < 0.6 else max(0.05, 1 - 0.95 * (progress - 0.6) / 0.4)
    for group in optimizer.param_groups:
        group["lr"] = base * warm * fall


def prefixed(prefix: str, module: nn.Module) -> dict[str, Tensor]:
    """A module's tensors under ``prefix.``, to keep several modules in one file."""
    return {f"{prefix}.{key}": value for key, value in module.state_dict().items()}


def count_parameters(*modules: nn.Module) -> int:
    """Number of trainable values."""
    return sum(p.numel() for m in modules for p in m.parameters())

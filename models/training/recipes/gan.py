"""Recipes of the GAN and of one trained wrongly on purpose.

The good one: relativistic pairing loss with R1 and R2 gradient penalties (Huang et al., "The GAN
is dead; long live the GAN!", 2024), the penalties applied lazily, with critics that see through a
trained encoder beside the discriminator (:mod:`models.training.critics`). The wrong one: the 2014
non-saturating loss, no penalty, a learning rate five times too high.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.dataset import Faces
from models.evaluation.samples import measure_samples
from models.families.gan import Discriminator, Generator, W, Z
from models.parts.clip import load as load_clip
from models.procedures.gan import GANSampler
from models.runtime.checkpoint import Card, section
from models.runtime.sampler import Request
from models.training.critics import Critics
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, prefixed

MOMENTS = (0.0, 0.015, 0.04, 0.09, 0.18, 0.35, 0.65, 1.0)
"""Shares of the training time at which a snapshot is kept for the film."""
CALIBRATION = 512
"""Faces over which the critics' features are standardized."""


def relativistic_loss(scores: Tensor, than: Tensor) -> Tensor:
    """softplus(-(scores - than)): low when each score beats its pair's."""
    return F.softplus(than - scores).mean()


def gradient_penalty(discriminator: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """Mean squared gradient norm of the logits at given inputs (R1 on real, R2 on fake ones).

    Args:
        discriminator: of the inputs, whose logits are added up.
        inputs: images, or features, [n, …]; each counts by itself.
    """
    inputs = tuple(x.detach().requires_grad_(True) for x in inputs)
    gradients = torch.autograd.grad(discriminator(*inputs).sum(), inputs, create_graph=True)
    return torch.stack([g.float().flatten(1).square().sum(1).mean() for g in gradients]).sum()


class GANRecipe(Recipe):
    """Alternating updates of discriminator and generator on 50,000 faces."""

    name, family, minutes = "gan", "gan", 60.0
    bits = 8
    size, count = 64, 50_000
    rate = 2e-3
    batch: ClassVar[int] = 16
    betas: ClassVar[tuple[float, float]] = (0.0, 0.99)
    gamma: ClassVar[float] = 5.0
    """Weight of the penalties; it falls to a tenth of this over the first 60% of the training, and
    is half of it in one that is continued."""
    lazy: ClassVar[int] = 8
    decay: ClassVar[float] = 0.999
    mixed: ClassVar[float] = 0.5
    relativistic: ClassVar[bool] = True
    criticized: ClassVar[bool] = True
    gamma_critics: ClassVar[float] = 0.5
    """Weight of the critics' penalties, which falls as the discriminator's does."""
    heed: ClassVar[float] = 0.5
    """Weight of the critics' mean loss for the generator, beside the discriminator's."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces("train", self.count, self.size, device, seed)
        g, d = self._networks()
        self.g, self.d = channels_last(g, device), channels_last(d, device)
        self.modules |= {"g": self.g, "d": self.d}
        self.averages["g"] = EMA(self.g, self.decay)
        for key, net in (("g", self.g), ("d", self.d)):
            self.optimizers[key] = torch.optim.Adam(
                net.parameters(), self.rate, self.betas, fused=True
            )
        self.critics = self._criticism()
        if self.critics is not None:
            self.modules["critics"] = self.critics.critics
            self.optimizers["critics"] = torch.optim.Adam(
                self.critics.critics.parameters(), self.rate, self.betas, fused=True
            )
        self.images_per_step = self.batch
        self.snapshots: list[dict[str, Tensor]] = []
        self.moments: list[dict[str, float]] = []
        self.curve: list[dict[str, float]] = []
        self.recent: dict[str, float] = {}
        self.filmed, self.before = 0, 0
        """Points of the curve and images of a training that this one continues."""

    def _networks(self) -> tuple[Generator, Discriminator]:
        return Generator(), Discriminator()

    def _criticism(self) -> Critics | None:
        if not self.criticized:
            return None
        faces, _ = self.faces.draw(CALIBRATION)
        return Critics(load_clip().image, faces.cpu()).to(self.device)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One update of each network on one batch."""
        self._rates(progress)
        real, _ = self.faces.draw(self.images_per_step)
        z = torch.randn(len(real), Z, device=self.device)
        with self.autocast():
            fake = self.g(z, self.mixed)
        due = self.lazy * self._falling(progress) if step % self.lazy == 0 else 0.0
        score_real, loss_d, score_fake = self._update_d(real, fake.detach(), self.gamma * due)
        loss_g = self._loss_g(fake, score_real)
        losses = {
            "loss_g": loss_g.item(),
            "loss_d": loss_d,
            "score_real": score_real.mean().item(),
            "score_fake": score_fake,
        }
        if self.critics is not None:
            criticism, losses["critics"] = self._criticize(self.critics, real, fake, due)
            loss_g = loss_g + criticism
        self.optimizers["g"].zero_grad()
        loss_g.backward()
        self.optimizers["g"].step()
        self.averages["g"].update(self.g, step)
        self._record(step, progress, losses)
        return losses

    def _falling(self, progress: float) -> float:
        """Share of the penalties' weight."""
        return 0.5 if self.before else max(0.1, 1 - 1.5 * progress)

    def _rates(self, progress: float) -> None:
        """Constant, then falling over the second half; from the first if continued."""
        fall = max(0.05, 1 - progress) if self.before else max(0.1, 1 - 1.8 * (progress - 0.5))
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.rate * min(1.0, fall)

    def _update_d(self, real: Tensor, fake: Tensor, gamma: float) -> tuple[Tensor, float, float]:
        with self.autocast():
            score_real, score_fake = self.d(torch.cat([real, fake])).float().chunk(2)
        if self.relativistic:
            loss = relativistic_loss(score_real, score_fake)
        else:
            loss = F.softplus(-score_real).mean() + F.softplus(score_fake).mean()
        total = loss
        if gamma:
            with self.autocast():
                penalty = gradient_penalty(self.d, real) + gradient_penalty(self.d, fake)
            total = loss + gamma / 2 * penalty
        self.optimizers["d"].zero_grad()
        total.backward()
        self.optimizers["d"].step()
        return score_real.detach(), loss.item(), score_fake.mean().item()

    def _loss_g(self, fake: Tensor, score_real: Tensor) -> Tensor:
        self.d.requires_grad_(False)
        with self.autocast():
            score_fake = self.d(fake).float()
        self.d.requires_grad_(True)
        other = score_real if self.relativistic else torch.zeros_like(score_fake)
        return relativistic_loss(score_fake, other)

    def _criticize(
        self, critics: Critics, real: Tensor, fake: Tensor, due: float
    ) -> tuple[Tensor, float]:
        """Update the critics; returns what the generator hears of them, and their own loss."""
        with self.autocast():
            with torch.no_grad():
                seen_real = critics.see(real)
            seen_fake = critics.see(fake)
            told = [x.detach() for x in seen_fake]
            scores = critics(*seen_real)
            loss = relativistic_loss(scores, critics(*told))
            total = loss
            if due:
                penalty = gradient_penalty(critics, *seen_real) + gradient_penalty(critics, *told)
                total = loss + self.gamma_critics * due / 2 * penalty / len(scores)
            self.optimizers["critics"].zero_grad()
            total.backward()
            self.optimizers["critics"].step()
            critics.critics.requires_grad_(False)
            heard = relativistic_loss(critics(*seen_fake), scores.detach())
            critics.critics.requires_grad_(True)
        return self.heed * heard, loss.item()

    def _record(self, step: int, progress: float, losses: dict[str, float]) -> None:
        """Smooth what is printed, add it to the curve now and then, take due snapshots."""
        old = self.recent or losses
        self.recent = {k: 0.95 * old[k] + 0.05 * v for k, v in losses.items()}
        point: dict[str, float] = {"passes": self.before + step * self.images_per_step}
        point |= {k: round(v, 4) for k, v in self.recent.items()}
        if progress >= (len(self.curve) - self.filmed) / 160:
            self.curve.append(point)
        due = len(self.snapshots) < len(MOMENTS) - 1 and progress >= MOMENTS[len(self.snapshots)]
        if due:
            self._snapshot(point)

    def _snapshot(self, point: dict[str, float]) -> None:
        state = self._average().state_dict()
        self.snapshots.append({k: v.detach().half().cpu().clone() for k, v in state.items()})
        self.moments.append(point)

    @torch.no_grad()
    def _average(self) -> Generator:
        generator = self.averages["g"].module
        assert isinstance(generator, Generator)
        z = torch.randn(2048, Z, generator=torch.Generator().manual_seed(0)).to(self.device)
        generator.w_mean.copy_(generator.map(z).mean(0))
        return generator

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Both networks, and the film but for its last snapshot, which the new end replaces."""
        film = card["film"]
        self.moments, self.curve = film["moments"][:-1], film["curve"]
        self.filmed, self.before = len(self.curve), film["moments"][-1]["passes"]
        kept = [section(weights, f"snapshots.{i}") for i in range(len(film["moments"]))]
        self.snapshots = [{k: v.half() for k, v in part.items()} for part in kept[:-1]]
        for module in (self.g, self.averages["g"].module):
            module.load_state_dict(kept[-1])
        self.d.load_state_dict(section(weights, "d"))

    def checkpoint_extras(self) -> dict[str, Any]:
        """The film so far."""
        keep = ("snapshots", "moments", "curve", "recent", "filmed", "before")
        return {key: copy.copy(getattr(self, key)) for key in keep}

    def resume_extras(self, extras: dict[str, Any]) -> None:
        """Take the film up again."""
        for key, value in extras.items():
            setattr(self, key, value)

    @torch.inference_mode()
    def sheet(self) -> Tensor:
        """64 faces of the averaged generator, always from the same z."""
        z = torch.randn(64, Z, generator=torch.Generator().manual_seed(1)).to(self.device)
        return torch.cat([self._average()(part) for part in z.split(16)]).clamp(-1, 1)

    def weights(self) -> Mapping[str, Tensor]:
        """Snapshots of the generator, the last being the final one, and the final discriminator."""
        if len(self.snapshots) < len(MOMENTS):
            self._snapshot(self.curve[-1])
        tensors = prefixed("d", self.d)
        for i, snapshot in enumerate(self.snapshots):
            tensors |= {f"snapshots.{i}.{k}": v for k, v in snapshot.items()}
        return tensors

    def describe(self) -> dict[str, Any]:
        """Card entries, with the recorded curve of the film."""
        if len(self.snapshots) < len(MOMENTS):
            self._snapshot(self.curve[-1])
        kind = "relativistic pairing" if self.relativistic else "non-saturating (2014)"
        return {
            "data": "faces 64×64, split train, 50,000",
            "recipe": {"optimizer": "Adam", "rate": self.rate, "betas": list(self.betas),
                       "batch": self.images_per_step, "ema": self.decay, "loss": kind,
                       "r1_r2_gamma": [self.gamma * self._falling(p) for p in (0, 1)],
                       "penalty_every": self.lazy, "style_mixing": self.mixed,
                       "critics": "on CLIP's image encoder" if self.criticized else "none",
                       "z": Z, "w": W},
            "parameters": count_parameters(self.g),
            "parameters_discriminator": count_parameters(self.d),
            "film": {"drawn_live": "faces, by snapshots of the averaged generator",
                     "recorded": "losses and mean scores at each moment of training",
                     "moments": self.moments, "curve": self.curve},
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """Samples without truncation."""
        sampler = GANSampler(self._average().cpu(), self.d.cpu())

        def draw(n: int, seed: int) -> Tensor:
            return sampler.run(Request(n=n, seed=seed)).images

        return {"sampling": "one pass, no truncation", "samples": measure_samples(draw)}


class CollapsedGANRecipe(GANRecipe):
    """The same networks without penalty, at five times the rate, until they collapse."""

    name, family, minutes = "gan-collapsed", "gan", 5.0
    rate = 1e-2
    batch = 16
    betas = (0.5, 0.9)
    gamma = 0.0
    mixed = 0.0
    decay = 0.9
    relativistic = criticized = False

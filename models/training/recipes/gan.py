"""Recipes of the GAN and of one trained wrongly on purpose.

The good one: relativistic pairing loss with R1 and R2 gradient penalties (Huang et al., "The GAN
is dead; long live the GAN!", 2024), the penalties applied lazily, with critics that see through a
trained encoder beside the discriminator (:mod:`models.training.objectives.critics`). The wrong
one: the 2014 non-saturating loss, no penalty, a learning rate five times too high.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn

from models.data.dataset import Faces
from models.data.rendering import Portion
from models.evaluation.samples import REAL, measure_samples
from models.families.gan import (
    Discriminator,
    Generator,
    W,
    Z,
    discriminator_loss_2014,
    generator_loss_2014,
    gradient_penalty,
    relativistic_loss,
)
from models.parts.clip import CLIP
from models.procedures.gan import GANSampler
from models.runtime.checkpoint import Card, section
from models.runtime.zoo import network
from models.training.film import Film, Reel
from models.training.objectives.critics import Critics
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, on_cpu, prefixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CALIBRATION = 512
"""Faces over which the critics' features are standardized."""


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Gradients pass through the module and leave its own weights alone."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


class GANRecipe(Recipe):
    """Alternating updates of discriminator and generator on 50,000 faces."""

    name, family, minutes = "gan", "gan", 60.0
    architecture = "gan"
    bits = 8
    needs: ClassVar[tuple[str, ...]] = ("clip", "judge")
    trained_on = Portion("faces", "train", 50_000)
    portions = (trained_on, *REAL)
    rate = 2e-3
    batch: ClassVar[int] = 16
    betas: ClassVar[tuple[float, float]] = (0.0, 0.99)
    gamma: ClassVar[float] = 5.0
    """Weight of the penalties; it falls to a tenth of this over the first 60% of the training, and
    is half of it in one that is continued."""
    lazy: ClassVar[int] = 8
    """Steps from one application of the penalties to the next, each as many times as heavy."""
    decay: ClassVar[float] = 0.999
    mixed: ClassVar[float] = 0.5
    """Share of the images that mix two styles."""
    relativistic: ClassVar[bool] = True
    criticized: ClassVar[bool] = True
    gamma_critics: ClassVar[float] = 0.5
    """Weight of the critics' penalties, which falls as the discriminator's does."""
    critics_weight: ClassVar[float] = 0.5
    """Weight of the critics' mean loss for the generator, beside the discriminator's."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces(*self.trained_on.part, device, seed)
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
        self.film = Film()

    def _networks(self) -> tuple[Generator, Discriminator]:
        return Generator(), Discriminator()

    def _criticism(self) -> Critics | None:
        if not self.criticized:
            return None
        faces, _ = self.faces.draw(CALIBRATION)
        return Critics(network("clip", CLIP).image, faces.cpu()).to(self.device)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One update of each network on one batch."""
        self._set_rates(progress)
        real, _ = self.faces.draw(self.images_per_step)
        fake = self._draw(len(real))
        due = self.lazy * self._penalty_share(progress) if step % self.lazy == 0 else 0.0
        losses = self._update_discriminator(real, fake.detach(), self.gamma * due)
        loss = self._generator_loss(real, fake)
        losses = {"loss_g": loss.item(), **losses}
        if self.critics is not None:
            criticism, losses["critics"] = self._criticize(self.critics, real, fake, due)
            loss = loss + criticism
        self.optimizers["g"].zero_grad()
        loss.backward()
        self.optimizers["g"].step()
        self.averages["g"].update(self.g, step)
        images = step * self.images_per_step
        self.film.record(losses, images, progress)
        if self.film.due(progress):
            self.film.keep(self.shipped_generator().state_dict(), images)
        return losses

    def _draw(self, n: int) -> Tensor:
        z = torch.randn(n, Z, device=self.device)
        layers = self.g.layers
        cuts = torch.randint(1, layers, (n, 1), device=self.device)
        mixing = torch.rand(n, 1, device=self.device) < self.mixed
        cuts = torch.where(mixing, cuts, layers)
        noise_maps = self.g.noise_maps(n, z.device)
        with self.autocast():
            images: Tensor = self.g(z, noise_maps, cuts)
        return images

    def _penalty_share(self, progress: float) -> float:
        """Of the penalties' weight at the start."""
        return 0.5 if self.film.earlier else max(0.1, 1 - 1.5 * progress)

    def _set_rates(self, progress: float) -> None:
        """Constant, then falling over the second half; from the first on if continued."""
        continued = self.film.earlier is not None
        fall = max(0.05, 1 - progress) if continued else max(0.1, 1 - 1.8 * (progress - 0.5))
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.rate * min(1.0, fall)

    def _update_discriminator(self, real: Tensor, fake: Tensor, gamma: float) -> dict[str, float]:
        """One step of the discriminator; its loss, and both mean scores before the step."""
        with self.autocast():
            score_real, score_fake = self.d(torch.cat([real, fake])).float().chunk(2)
        objective = relativistic_loss if self.relativistic else discriminator_loss_2014
        total = loss = objective(score_real, score_fake)
        if gamma:
            with self.autocast():
                penalty = gradient_penalty(self.d, real) + gradient_penalty(self.d, fake)
            total = loss + gamma / 2 * penalty
        self.optimizers["d"].zero_grad()
        total.backward()
        self.optimizers["d"].step()
        return {
            "loss_d": loss.item(),
            "score_real": score_real.mean().item(),
            "score_fake": score_fake.mean().item(),
        }

    def _generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """By the discriminator as it is now: both scores of a pair are of the same network."""
        with self.autocast(), frozen(self.d):
            score_fake = self.d(fake).float()
            if not self.relativistic:
                return generator_loss_2014(score_fake)
            with torch.no_grad():
                score_real = self.d(real).float()
            return relativistic_loss(score_fake, score_real)

    def _criticize(
        self, critics: Critics, real: Tensor, fake: Tensor, due: float
    ) -> tuple[Tensor, float]:
        """One step of the critics; what they add to the generator's loss, and their own."""
        with self.autocast():
            with torch.no_grad():
                seen_real = critics.see(real)
            seen_fake = critics.see(fake)
            detached = [x.detach() for x in seen_fake]
            loss = relativistic_loss(critics(*seen_real), critics(*detached))
            total = loss
            if due:
                penalty = gradient_penalty(critics, *seen_real)
                penalty = penalty + gradient_penalty(critics, *detached)
                total = loss + self.gamma_critics * due / 2 * penalty / len(critics.critics)
            self.optimizers["critics"].zero_grad()
            total.backward()
            self.optimizers["critics"].step()
            with frozen(critics.critics):
                scores = critics(*seen_fake)
                with torch.no_grad():
                    than = critics(*seen_real)
                return self.critics_weight * relativistic_loss(scores, than), loss.item()

    @torch.no_grad()
    def shipped_generator(self) -> Generator:
        """The averaged generator on the CPU, with the mean style that truncation moves toward."""
        generator = self.shipped(Generator)
        z = torch.randn(2048, Z, generator=torch.Generator().manual_seed(0))
        generator.w_mean.copy_(generator.map(z).mean(0))
        return generator

    def _ended(self) -> Reel:
        return self.film.ended(self.shipped_generator().state_dict())

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Both networks, and the film but for its last snapshot, which the new end replaces."""
        self.film = Film.continuing(weights, card["film"])
        last = section(weights, f"snapshots.{len(card['film']['moments']) - 1}")
        for module in (self.g, self.averages["g"].module):
            module.load_state_dict(last)
        self.d.load_state_dict(section(weights, "d"))

    def checkpoint_extras(self) -> dict[str, Any]:
        """The film so far."""
        return self.film.state()

    def resume_extras(self, extras: dict[str, Any]) -> None:
        """Take the film up again."""
        self.film = Film.resumed(extras)

    @torch.no_grad()
    def sheet(self) -> Tensor:
        """64 faces of the averaged generator, always from the same z."""
        generator = self.shipped(Generator)
        z = torch.randn(64, Z, generator=torch.Generator().manual_seed(1))
        parts = [generator(part, generator.noise_maps(len(part), z.device)) for part in z.split(16)]
        return torch.cat(parts).clamp(-1, 1)

    def weights(self) -> Mapping[str, Tensor]:
        """Snapshots of the generator, the last being the final one, and the final discriminator."""
        tensors = prefixed("d", self.d)
        for i, snapshot in enumerate(self._ended().snapshots):
            tensors |= {f"snapshots.{i}.{key}": value for key, value in snapshot.items()}
        return tensors

    def describe(self) -> dict[str, Any]:
        """Card entries, with the recorded curve of the film."""
        kind = "relativistic pairing" if self.relativistic else "non-saturating (2014)"
        film = self._ended()
        return {
            "data": "faces 64×64, split train, 50,000",
            "recipe": {"optimizer": "Adam", "rate": self.rate, "betas": list(self.betas),
                       "batch": self.images_per_step, "ema": self.decay, "loss": kind,
                       "r1_r2_gamma": [self.gamma * self._penalty_share(p) for p in (0, 1)],
                       "penalty_every": self.lazy, "style_mixing": self.mixed,
                       "critics": "on CLIP's image encoder" if self.criticized else "none",
                       "z": Z, "w": W},
            "parameters": count_parameters(self.g),
            "parameters_discriminator": count_parameters(self.d),
            "film": {"drawn_live": "faces, by snapshots of the averaged generator",
                     "recorded": "losses and mean scores at each moment of training",
                     "moments": film.moments, "curve": film.curve},
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """Samples without truncation."""
        sampler = GANSampler(self.shipped_generator(), on_cpu(self.d))

        def draw(n: int, seed: int) -> Tensor:
            return sampler.run(sampler.request(n=n, seed=seed)).images

        return {"sampling": "one pass, no truncation", "samples": measure_samples(draw)}


class CollapsedGANRecipe(GANRecipe):
    """The same networks without penalty, at five times the rate, until they collapse."""

    name, family, minutes = "gan-collapsed", "gan", 5.0
    needs = ("judge",)
    rate = 1e-2
    batch = 16
    betas = (0.5, 0.9)
    gamma = 0.0
    mixed = 0.0
    decay = 0.9
    relativistic = criticized = False

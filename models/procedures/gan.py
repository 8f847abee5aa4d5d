"""What a trained GAN does for a request: fresh faces, style mixing, the film of its training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.gan import STYLE_GROUPS, Discriminator, Generator, Z
from models.runtime.architecture import AnySampler, Architecture, Model, Parts
from models.runtime.checkpoint import Checkpoint, CheckpointError
from models.runtime.parameters import MAX_SEED, Parameters, Truncation
from models.runtime.randomness import noise
from models.runtime.sampler import Input, P, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Drawing(State):
    """Styles and noise maps of n faces, and the faces once drawn."""

    z: Tensor
    psi: Tensor
    noise_maps: list[Tensor]
    images: Tensor
    score: Tensor

    @property
    def key(self) -> int:
        """A film's states share a batch when they are at the same snapshot."""
        return self.step

    @property
    def n(self) -> int:
        """Every z is a row."""
        return len(self.z)


class _Draws(Sampler[Drawing, P]):
    """What the GAN's procedures share: z and noise maps from the seed, a batched synthesis."""

    def __init__(self, generator: Generator, discriminator: Discriminator) -> None:
        self.generator, self.discriminator = generator, discriminator

    def _begin(self, request: Request[P], total: int, psi: float) -> Drawing:
        z = noise(request, Z)
        noise_maps = [
            noise(request, 1, side, side, stream=f"noise map {layer}")
            for layer, side in enumerate(self.generator.sides)
        ]
        blank = torch.zeros(len(z), 3, 64, 64)
        psis = torch.full((len(z),), psi)
        return Drawing(request, 0, total, z, psis, noise_maps, blank, torch.zeros(len(z)))

    def _styles(self, generator: Generator, states: Sequence[Drawing]) -> Tensor:
        w = generator.map(torch.cat([s.z for s in states]))
        w = generator.truncate(w, torch.cat([s.psi for s in states]))
        return w[:, None].expand(-1, generator.layers, -1)

    def _draw(self, generator: Generator, states: Sequence[Drawing], styles: Tensor) -> None:
        noise_maps = [torch.cat(maps) for maps in zip(*(s.noise_maps for s in states), strict=True)]
        images = generator.synthesize(styles, noise_maps).clamp(-1, 1)
        deal(states, images=images, score=self.discriminator(images))

    def preview(self, state: Drawing) -> View:
        """The faces, the discriminator's logit for each, and the noise that they are made of."""
        return View(state.images, {"score": state.score, "z": state.z})


@dataclass(frozen=True)
class SampleParameters(Parameters):
    """Of fresh faces.

    Attributes:
        truncation: ψ, from the mean face to the model's own variety.
    """

    truncation: Truncation = 1.0


class GANSampler(_Draws[SampleParameters]):
    """Fresh faces in one pass."""

    parameters = SampleParameters

    def start(self, request: Request[SampleParameters]) -> Drawing:
        """Draw z and the noise maps from the seed."""
        return self._begin(request, 1, request.parameters.truncation)

    def step(self, states: Sequence[Drawing]) -> None:
        """Map and synthesize all states' faces at once."""
        self._draw(self.generator, states, self._styles(self.generator, states))


@dataclass(frozen=True)
class MixParameters(SampleParameters):
    """Of style mixing.

    Attributes:
        seed_b: of face B; face A has the request's.
        layers: whose styles A takes from B.
    """

    seed_b: Annotated[int, Interval(ge=0, le=MAX_SEED)] = 1
    layers: Literal["coarse", "middle", "fine"] = "coarse"


class GANStyleMixing(_Draws[MixParameters]):
    """Face A, face B, and A with B's styles in one group of layers: three images of one request."""

    parameters = MixParameters
    max_n = 1

    def start(self, request: Request[MixParameters]) -> Drawing:
        """A is the request's first face, B that of ``seed_b``."""
        psi = request.parameters.truncation
        a = self._begin(request, 1, psi)
        b = self._begin(replace(request, seed=request.parameters.seed_b), 1, psi)
        pairs = zip(a.noise_maps, b.noise_maps, strict=True)
        noise_maps = [torch.cat([x, y, x]) for x, y in pairs]
        z, psis = torch.cat([a.z, b.z, a.z]), a.psi.repeat(3)
        return Drawing(
            request, 0, 1, z, psis, noise_maps, torch.zeros(3, 3, 64, 64), torch.zeros(3)
        )

    def step(self, states: Sequence[Drawing]) -> None:
        """Every third row takes the row before's styles in its state's layers."""
        styles = self._styles(self.generator, states).clone()
        for i, state in enumerate(states):
            begin, end = STYLE_GROUPS[state.request.parameters.layers]
            styles[3 * i + 2, begin:end] = styles[3 * i + 1, begin:end]
        self._draw(self.generator, states, styles)


class GANFilm(_Draws[Parameters]):
    """The same z drawn by snapshots of the generator taken along its training.

    Args:
        snapshots: generators in the order of training.
        discriminator: the final one; its logits accompany every face.
        moments: per snapshot ``passes``, ``loss_g``, ``loss_d``, ``score_real``, ``score_fake``
            as recorded when the snapshot was taken.
    """

    def __init__(
        self,
        snapshots: Sequence[Generator],
        discriminator: Discriminator,
        moments: Sequence[dict[str, float]],
    ) -> None:
        super().__init__(snapshots[-1], discriminator)
        self.snapshots, self.moments = list(snapshots), list(moments)

    def start(self, request: Request[Parameters]) -> Drawing:
        """As many steps as snapshots."""
        return self._begin(request, len(self.snapshots), 1.0)

    def step(self, states: Sequence[Drawing]) -> None:
        """Draw with the next snapshot."""
        generator = self.snapshots[states[0].step]
        self._draw(generator, states, self._styles(generator, states))

    def preview(self, state: Drawing) -> View:
        """The faces at the last snapshot drawn, with what was recorded at that moment."""
        moment = self.moments[max(0, state.step - 1)]
        return View(state.images, {"score": state.score, **moment})


@dataclass
class Judging(State):
    """Pictures and, once they were seen, the discriminator's logit for each."""

    images: Tensor
    score: Tensor


class GANJudge(Sampler[Judging, Parameters]):
    """Given pictures → the discriminator's logits: how real it takes each to be."""

    takes = ("images",)

    def __init__(self, discriminator: Discriminator) -> None:
        self.discriminator = discriminator

    @property
    def inputs(self) -> dict[str, Input]:
        """Pictures of the size that the generator draws."""
        return {"images": Input((3, 64, 64))}

    def start(self, request: Request[Parameters]) -> Judging:
        """Not yet seen."""
        return Judging(request, 0, 1, self.given(request, "images"), torch.zeros(request.n))

    def step(self, states: Sequence[Judging]) -> None:
        """See all pictures at once."""
        deal(states, score=self.discriminator(torch.cat([s.images for s in states])))

    def preview(self, state: Judging) -> View:
        """The pictures, and the discriminator's logit for each."""
        return View(state.images, {"score": state.score})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """A trained GAN with the snapshots of its training.

    Raises:
        CheckpointError: the card lists no moments of the film.
    """
    moments = checkpoint.card.get("film", {}).get("moments", [])
    if not moments:
        name = checkpoint.name
        raise CheckpointError(f"{name}.json: the card lists no moments of the training film")
    snapshots = [checkpoint.build(Generator, f"snapshots.{i}") for i in range(len(moments))]
    discriminator = checkpoint.build(Discriminator, "d")
    samplers: dict[str, AnySampler] = {
        "sample": GANSampler(snapshots[-1], discriminator),
        "mix": GANStyleMixing(snapshots[-1], discriminator),
        "film": GANFilm(snapshots, discriminator, moments),
        "judge": GANJudge(discriminator),
    }
    return Model(snapshots[-1], samplers)


PROCEDURES: dict[str, type[AnySampler]] = {
    "sample": GANSampler,
    "mix": GANStyleMixing,
    "film": GANFilm,
    "judge": GANJudge,
}
ARCHITECTURE = Architecture("gan", "gan", load, PROCEDURES)

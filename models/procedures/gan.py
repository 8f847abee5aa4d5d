"""What a trained GAN does for a request: fresh faces, style mixing, the film of its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.families.gan import STYLE_GROUPS, Discriminator, Generator, Z
from models.runtime.checkpoint import FOLDER, CheckpointError, load_checkpoint, load_into, section
from models.runtime.sampler import Request, Sampler, State, View, noise


@dataclass
class Drawing(State):
    """Styles and noise maps of n faces, and the faces once drawn."""

    z: Tensor
    psi: Tensor
    grain: list[Tensor]
    images: Tensor
    score: Tensor

    @property
    def key(self) -> int:
        """A film's states share a batch when they are at the same snapshot."""
        return self.step


class _Draws(Sampler[Drawing]):
    """What the GAN's procedures share: z and noise maps from the seed, a batched synthesis."""

    def __init__(self, generator: Generator, discriminator: Discriminator) -> None:
        self.generator, self.discriminator = generator, discriminator

    def _begin(self, request: Request, total: int, psi: float) -> Drawing:
        if not 0 <= psi <= 1:
            raise ValueError(f"truncation must be between 0 and 1, not {psi:g}")
        z = noise(request, Z)
        generators = [
            torch.Generator().manual_seed(request.seed + 1_000_003 * i + 13) for i in range(len(z))
        ]
        grain = [
            torch.stack([torch.randn(1, side, side, generator=g) for g in generators])
            for side in self.generator.sides
        ]
        blank = torch.zeros(len(z), 3, 64, 64)
        psis = torch.full((len(z),), psi)
        return Drawing(request, 0, total, z, psis, grain, blank, torch.zeros(len(z)))

    def _styles(self, generator: Generator, states: Sequence[Drawing]) -> Tensor:
        w = generator.map(torch.cat([s.z for s in states]))
        w = generator.truncate(w, torch.cat([s.psi for s in states]))
        return w[:, None].expand(-1, generator.layers, -1)

    def _draw(self, generator: Generator, states: Sequence[Drawing], styles: Tensor) -> None:
        grain = [torch.cat(maps) for maps in zip(*(s.grain for s in states), strict=True)]
        images = generator.synthesize(styles, grain).clamp(-1, 1)
        score = self.discriminator(images)
        sizes = [len(s.z) for s in states]
        for state, part, logits in zip(
            states, images.split(sizes), score.split(sizes), strict=True
        ):
            state.images, state.score = part, logits
            state.step += 1

    def preview(self, state: Drawing) -> View:
        """The faces, and the discriminator's logit for each."""
        return View(state.images, {"score": state.score})


class GANSampler(_Draws):
    """Fresh faces in one pass, ``truncation`` psi by default 1."""

    def start(self, request: Request) -> Drawing:
        """Draw z and the noise maps from the seed."""
        return self._begin(request, 1, 1.0 if request.truncation is None else request.truncation)

    def step(self, states: Sequence[Drawing]) -> None:
        """Map and synthesize all states' faces at once."""
        self._draw(self.generator, states, self._styles(self.generator, states))


class GANStyleMixing(_Draws):
    """Face A, face B, and A with B's styles in one group of layers.

    Options: ``seed_b``, and ``layers``: ``coarse``, ``middle`` or ``fine``.
    """

    def start(self, request: Request) -> Drawing:
        """A is the request's first face, B that of ``seed_b``."""
        group = request.option("layers", "coarse")
        if group not in STYLE_GROUPS:
            raise ValueError(f"layers must be one of {', '.join(STYLE_GROUPS)}, not {group!r}")
        psi = 1.0 if request.truncation is None else request.truncation
        a = self._begin(Request(n=1, seed=request.seed), 1, psi)
        b = self._begin(Request(n=1, seed=int(request.option("seed_b", request.seed + 1))), 1, psi)
        grain = [torch.cat([x, y, x]) for x, y in zip(a.grain, b.grain, strict=True)]
        z, psis = torch.cat([a.z, b.z, a.z]), a.psi.repeat(3)
        return Drawing(request, 0, 1, z, psis, grain, torch.zeros(3, 3, 64, 64), torch.zeros(3))

    def step(self, states: Sequence[Drawing]) -> None:
        """Every third row takes the row before's styles in its state's layers."""
        styles = self._styles(self.generator, states).clone()
        for i, state in enumerate(states):
            begin, end = STYLE_GROUPS[state.request.option("layers", "coarse")]
            styles[3 * i + 2, begin:end] = styles[3 * i + 1, begin:end]
        self._draw(self.generator, states, styles)


class GANFilm(_Draws):
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

    def start(self, request: Request) -> Drawing:
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


def load(name: str = "gan", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """The procedures of ``gan`` or ``gan-collapsed``.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, card = load_checkpoint(name, folder)
    moments = card.get("film", {}).get("moments", [])
    if not moments:
        raise CheckpointError(f"{name}.json: the card lists no moments of the training film")
    snapshots = []
    for i in range(len(moments)):
        snapshot = Generator()
        load_into(snapshot, section(weights, f"snapshots.{i}"), name)
        snapshots.append(snapshot)
    discriminator = Discriminator()
    load_into(discriminator, section(weights, "d"), name)
    return {
        "sample": GANSampler(snapshots[-1], discriminator),
        "mix": GANStyleMixing(snapshots[-1], discriminator),
        "film": GANFilm(snapshots, discriminator, moments),
    }

"""A small style-based GAN (Goodfellow et al., 2014; Karras et al., StyleGAN2, 2020).

A mapping network turns noise z into a style w; each convolution of the generator is modulated by
its own affine view of w, and per-pixel noise adds what no style decides. The discriminator is
convolutional and reads 2×2 pixels as one position. Each level of the generator adds its colours to
the picture so far; the last, at full resolution, is narrow, since there a convolution costs most.
Weights are equalized (Karras et al., "Progressive Growing of GANs", 2018), which keeps high
learning rates stable.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.runtime.checkpoint import FOLDER, CheckpointError, load_checkpoint, load_into, section
from models.runtime.sampler import Request, Sampler, State, View, noise

Z = 64
W = 128
LEVELS = ((4, 128), (8, 112), (16, 80), (32, 40))
"""Resolution and channels of each generator level below the last."""
TOP = (64, 16)
"""The last level: one convolution."""
GRAINED = 4
NOISE_RATE = 0.02
"""So many convolutions, up to 8×8, have noise inputs, whose strengths learn at this relative rate:
drawings have no random texture, and a young generator would speckle rather than use its styles."""
STYLE_GROUPS = {"coarse": (0, 3), "middle": (3, 5), "fine": (5, 8)}
"""Which of the eight styled convolutions a style-mixing group replaces."""


class EqualLinear(nn.Module):
    """Linear layer whose weights are N(0, 1) and scaled at run time.

    Args:
        inp, out: features in and out.
        bias: its initial value.
        rate: of learning, relative to the optimizer's.
    """

    def __init__(self, inp: int, out: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, inp) / rate)
        self.bias = nn.Parameter(torch.full((out,), bias / rate))
        self.gain, self.rate = rate / math.sqrt(inp), rate

    def forward(self, x: Tensor) -> Tensor:
        """[n, inp] → [n, out]."""
        return F.linear(x, self.weight * self.gain, self.bias * self.rate)


class EqualConv(nn.Module):
    """3×3 or 1×1 convolution with run-time scaled weights."""

    def __init__(self, inp: int, out: int, size: int = 3) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, inp, size, size))
        self.bias = nn.Parameter(torch.zeros(out))
        self.gain, self.padding = 1 / math.sqrt(inp * size**2), size // 2

    def forward(self, x: Tensor) -> Tensor:
        """[n, inp, H, W] → [n, out, H, W]."""
        return F.conv2d(x, self.weight * self.gain, self.bias, padding=self.padding)


def enlarge(x: Tensor) -> Tensor:
    """[n, c, H, W] → [n, c, 2H, 2W], bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class StyledConv(nn.Module):
    """Modulated convolution, noise, leaky ReLU.

    Scaling the input channels by the style and the output channels by the demodulation factor is
    StyleGAN2's weight modulation exactly, without a weight per image.
    """

    def __init__(self, inp: int, out: int, grained: bool = False) -> None:
        super().__init__()
        self.style = EqualLinear(W, inp, bias=1.0)
        self.weight = nn.Parameter(torch.randn(out, inp, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out))
        self.noise_strength = nn.Parameter(torch.zeros(())) if grained else None
        self.gain = 1 / math.sqrt(inp * 9)

    def forward(self, x: Tensor, w: Tensor, grain: Tensor | None = None) -> Tensor:
        """[n, inp, H, W], style [n, W], noise [n, 1, H, W] → [n, out, H, W]."""
        style = self.style(w)
        weight = self.weight * self.gain
        energy = style.float().square() @ weight.float().square().sum((2, 3)).T
        x = F.conv2d(x * style[:, :, None, None], weight, padding=1)
        # √2 restores the variance that the leaky ReLU takes. It goes into the factors before it,
        # in the map's own type: a pass over the map may cost more than its convolution.
        scale = math.sqrt(2) * torch.rsqrt(energy + 1e-8)
        x = x * scale[:, :, None, None].to(x.dtype)
        shift = math.sqrt(2) * self.bias[:, None, None]
        if self.noise_strength is not None and grain is not None:
            shift = shift + math.sqrt(2) * NOISE_RATE * self.noise_strength * grain
        return F.leaky_relu(x + shift.to(x.dtype), 0.2)


class Generator(nn.Module):
    """Mapping network and synthesis network.

    Args:
        levels: resolution and channels of each level below the last.
        top: those of the last, one convolution.
    """

    w_mean: Tensor

    def __init__(
        self, levels: Sequence[tuple[int, int]] = LEVELS, top: tuple[int, int] = TOP
    ) -> None:
        super().__init__()
        self.mapping = nn.ModuleList(EqualLinear(i, W, rate=0.01) for i in (Z, W, W))
        self.constant = nn.Parameter(torch.randn(1, levels[0][1], 4, 4))
        maps = [(levels[0][1], levels[0][1], levels[0][0])]
        for (_, before), (side, width) in itertools.pairwise(levels):
            # The first changes the width while the map is still small, which is where it is cheap.
            maps += [(before, width, side // 2), (width, width, side)]
        maps.append((top[1], top[1], top[0]))
        self.sides = [side for _, _, side in maps[:GRAINED]]
        self.narrow = EqualConv(levels[-1][1], top[1], 1)
        self.convs = nn.ModuleList(
            StyledConv(inp, out, i < GRAINED) for i, (inp, out, _) in enumerate(maps)
        )
        self.to_rgb = nn.ModuleList(EqualConv(width, 3, 1) for _, width in (*levels, top))
        self.register_buffer("w_mean", torch.zeros(W))

    @property
    def layers(self) -> int:
        """Number of styled convolutions, each with a style of its own."""
        return len(self.convs)

    def map(self, z: Tensor) -> Tensor:
        """z [n, Z] → style w [n, W]."""
        w = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        for layer in self.mapping:
            w = F.leaky_relu(layer(w), 0.2) * math.sqrt(2)
        return w

    def truncate(self, w: Tensor, psi: Tensor) -> Tensor:
        """The truncation trick: w_mean + psi (w - w_mean), psi [n]."""
        return torch.lerp(self.w_mean.expand_as(w), w, psi[:, None])

    def synthesize(self, styles: Tensor, grain: Sequence[Tensor]) -> Tensor:
        """One style a layer [n, layers, W] and the noise maps → images, [n, 3, 64, 64]."""

        def layer(i: int, x: Tensor) -> Tensor:
            out: Tensor = self.convs[i](x, styles[:, i], grain[i] if i < GRAINED else None)
            return out

        x = layer(0, self.constant.expand(len(styles), -1, -1, -1))
        image: Tensor = self.to_rgb[0](x)
        for level, to_rgb in enumerate(self.to_rgb[1:-1]):
            x = layer(2 * level + 2, enlarge(layer(2 * level + 1, x)))
            image = enlarge(image) + to_rgb(x)  # each level paints onto the picture so far
        x = layer(self.layers - 1, enlarge(self.narrow(x)))
        image = enlarge(image) + self.to_rgb[-1](x)
        return image

    def grain(self, n: int, device: torch.device) -> list[Tensor]:
        """Fresh noise maps for n images, one a layer that has them, for training."""
        return [torch.randn(n, 1, side, side, device=device) for side in self.sides]

    def forward(self, z: Tensor, mixed: float = 0.0) -> Tensor:
        """z [n, Z] → images [n, 3, 64, 64], with fresh noise maps.

        With probability ``mixed`` an image takes its styles from a random layer on from its
        neighbour (StyleGAN's mixing regularization).
        """
        styles = self.map(z)[:, None].expand(-1, self.layers, -1)
        cut = torch.randint(1, self.layers, (len(z), 1), device=z.device)
        cut = torch.where(torch.rand(len(z), 1, device=z.device) < mixed, cut, self.layers)
        own = torch.arange(self.layers, device=z.device) < cut
        styles = torch.where(own[..., None], styles, styles.roll(1, dims=0))
        return self.synthesize(styles, self.grain(len(z), z.device))


class Discriminator(nn.Module):
    """Residual convolutions from 32×32 (folded from 64×64) to one logit, high for real.

    Args:
        levels: as of the generator whose pictures it reads.
    """

    def __init__(self, levels: Sequence[tuple[int, int]] = LEVELS) -> None:
        super().__init__()
        widths = [width for _, width in reversed(levels)]
        self.stem = EqualConv(12, widths[0])
        self.first = nn.ModuleList(EqualConv(a, a) for a in widths[:-1])
        pairs = list(itertools.pairwise(widths))
        self.second = nn.ModuleList(EqualConv(a, b) for a, b in pairs)
        self.skip = nn.ModuleList(EqualConv(a, b, 1) for a, b in pairs)
        self.last = EqualConv(widths[-1], widths[-1])
        self.hidden = EqualLinear(widths[-1] * 16, 128)
        self.score = EqualLinear(128, 1)

    def forward(self, images: Tensor) -> Tensor:
        """[n, 3, 64, 64] → logits [n]."""
        x = F.leaky_relu(self.stem(F.pixel_unshuffle(images, 2)), 0.2)
        for first, second, skip in zip(self.first, self.second, self.skip, strict=True):
            h = F.avg_pool2d(F.leaky_relu(first(x), 0.2), 2) * math.sqrt(2)
            h = F.leaky_relu(second(h), 0.2) * math.sqrt(2)
            x = (skip(F.avg_pool2d(x, 2)) + h) / math.sqrt(2)
        x = F.leaky_relu(self.last(x), 0.2).flatten(1)
        out: Tensor = self.score(F.leaky_relu(self.hidden(x), 0.2))[:, 0]
        return out


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

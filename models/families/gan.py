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
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Z = 64
W = 128
LEVELS = ((4, 128), (8, 112), (16, 80), (32, 40))
"""Resolution and channels of each generator level below the last."""
TOP = (64, 16)
"""The last level: one convolution."""
NOISE_LAYERS = 4
"""The first convolutions, up to 8×8, have noise inputs."""
NOISE_RATE = 0.02
"""How fast the strengths of the noise inputs learn, relative to other weights: drawings have no
random texture, and early in training a generator would speckle rather than use its styles."""
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

    def __init__(self, inp: int, out: int, has_noise: bool = False) -> None:
        super().__init__()
        self.style = EqualLinear(W, inp, bias=1.0)
        self.weight = nn.Parameter(torch.randn(out, inp, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out))
        self.noise_strength = nn.Parameter(torch.zeros(())) if has_noise else None
        self.gain = 1 / math.sqrt(inp * 9)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None = None) -> Tensor:
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
        if self.noise_strength is not None and noise is not None:
            shift = shift + math.sqrt(2) * NOISE_RATE * self.noise_strength * noise
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
        self.sides = [side for _, _, side in maps[:NOISE_LAYERS]]
        self.narrow = EqualConv(levels[-1][1], top[1], 1)
        self.convs = nn.ModuleList(
            StyledConv(inp, out, i < NOISE_LAYERS) for i, (inp, out, _) in enumerate(maps)
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

    def synthesize(self, styles: Tensor, noise_maps: Sequence[Tensor]) -> Tensor:
        """One style a layer [n, layers, W] and the noise maps → images, [n, 3, 64, 64]."""

        def layer(i: int, x: Tensor) -> Tensor:
            out: Tensor = self.convs[i](
                x, styles[:, i], noise_maps[i] if i < NOISE_LAYERS else None
            )
            return out

        x = layer(0, self.constant.expand(len(styles), -1, -1, -1))
        image: Tensor = self.to_rgb[0](x)
        for level, to_rgb in enumerate(self.to_rgb[1:-1]):
            x = layer(2 * level + 2, enlarge(layer(2 * level + 1, x)))
            image = enlarge(image) + to_rgb(x)  # each level paints onto the picture so far
        x = layer(self.layers - 1, enlarge(self.narrow(x)))
        image = enlarge(image) + self.to_rgb[-1](x)
        return image

    def noise_maps(self, n: int, device: torch.device) -> list[Tensor]:
        """Fresh noise maps for n images, one a layer that has them."""
        return [torch.randn(n, 1, side, side, device=device) for side in self.sides]

    def forward(
        self, z: Tensor, noise_maps: Sequence[Tensor], cuts: Tensor | None = None
    ) -> Tensor:
        """z [n, Z] and noise maps → images [n, 3, 64, 64].

        Args:
            z: standard normal noise.
            noise_maps: see :meth:`noise_maps`.
            cuts: see :func:`mix_styles`; without, every image keeps its own style.
        """
        styles = self.map(z)[:, None].expand(-1, self.layers, -1)
        return self.synthesize(styles if cuts is None else mix_styles(styles, cuts), noise_maps)


def mix_styles(styles: Tensor, cuts: Tensor) -> Tensor:
    """Each image takes its styles from a layer on from the image before it.

    Mixing regularization (Karras et al., StyleGAN, 2019, section 3.1): layers must not rely on
    each other's style.

    Args:
        styles: [n, layers, W].
        cuts: the first layer that takes the other's style, int64 [n, 1]; ``layers`` for none.
    """
    own = torch.arange(styles.shape[1], device=styles.device) < cuts
    return torch.where(own[..., None], styles, styles.roll(1, dims=0))


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


def relativistic_loss(scores: Tensor, than: Tensor) -> Tensor:
    """softplus(-(scores - than)): low when each score beats its pair's.

    The relativistic pairing loss (Jolicoeur-Martineau, 2018; Huang et al., "The GAN is dead; long
    live the GAN!", 2024, equation 2). For the discriminator, real images are to score higher than
    drawn ones; for the generator, drawn ones higher than real ones.

    Args:
        scores, than: logits of as many images, of equal shape.
    """
    return F.softplus(than - scores).mean()


def discriminator_loss_2014(real: Tensor, fake: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))) of logits [n] (Goodfellow et al., 2014, equation 1)."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss_2014(fake: Tensor) -> Tensor:
    """-log D(G(z)) of logits [n], the non-saturating form (Goodfellow et al., 2014, section 3)."""
    return F.softplus(-fake).mean()


def gradient_penalty(discriminator: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """Mean squared gradient norm of the logits at given inputs: R1 on real, R2 on drawn ones.

    Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018, equation 9.

    Args:
        discriminator: of the inputs, whose logits are added up.
        inputs: images, or features, [n, …]; each counts by itself.
    """
    inputs = tuple(x.detach().requires_grad_(True) for x in inputs)
    gradients = torch.autograd.grad(discriminator(*inputs).sum(), inputs, create_graph=True)
    return torch.stack([g.float().flatten(1).square().sum(1).mean() for g in gradients]).sum()

"""Normalizing flow in the manner of TarFlow (Zhai et al., "Normalizing Flows are Capable
Generative Models", 2024).

An image is cut into 8×8 patches, a sequence of 64 tokens of 192 values. Each block is a masked
autoregressive flow (Papamakarios et al., 2017) over that sequence: a causal transformer reads the
tokens before position i and gives a mean and a log-scale for token i,

    z_i = (x_i - mu(x_<i)) · exp(-alpha(x_<i)),    log|det dz/dx| = -Σ alpha,

so the Jacobian is triangular and the likelihood exact. Blocks alternate the reading direction.
The forward pass is parallel, the inverse goes token by token. The flow of Fashion-MNIST is also
autoregressive within a token: the mean of a value is linear in the values before it, by a matrix
that the transformer gives. And it first sends each pixel through a mixture of logistics
(:mod:`models.parts.mixture`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.data.pixels import LEVEL
from models.parts.mixture import Mixture
from models.parts.transformer import Transformer

PATCH = 8
SIDE = 64
BLOCKS = 4
NOISE = 0.07
"""Deviation of the Gaussian noise on the training images: flat areas have no density without."""
BLUR = 1.5
"""Temperature of the attention that guidance moves away from."""


@dataclass(frozen=True)
class TokenMap:
    """How a block maps tokens, given those before them.

    Attributes:
        mu, alpha: mean and log-scale, [n, tokens, values].
        lower: how the mean of each value depends on the values before it in its token, strictly
            lower triangular [n, tokens, values, values]; ``None`` if it does not.
        mixture: what each value passes through first, if anything.
    """

    mu: Tensor
    alpha: Tensor
    lower: Tensor | None
    mixture: Mixture | None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens x → z of the same shape and log|det| [n]."""
        logdet = -self.alpha.sum((1, 2))
        if self.mixture is not None:
            x, slope = self.mixture.forward(x)
            logdet = logdet + slope.sum((1, 2))
        mu = self.mu if self.lower is None else self.mu + (self.lower @ x[..., None])[..., 0]
        return (x - mu) * torch.exp(-self.alpha), logdet

    def inverse(self, z: Tensor) -> Tensor:
        """z → x, its values one after the other where they depend on each other."""
        x = z * torch.exp(self.alpha) + self.mu
        if self.lower is not None:
            system = torch.eye(x.shape[-1], device=x.device) - self.lower
            x = torch.linalg.solve_triangular(
                system, x[..., None], upper=False, unitriangular=True
            )[..., 0]
        return x if self.mixture is None else self.mixture.inverse(x)

    def guided(self, away: TokenMap, scale: Tensor) -> TokenMap:
        """This map's mean and log-scale, moved away from another's: away + scale (this - away)."""
        mu = away.mu + scale * (self.mu - away.mu)
        return replace(self, mu=mu, alpha=away.alpha + scale * (self.alpha - away.alpha))


class FlowBlock(nn.Module):
    """One autoregressive map of a token sequence.

    Args:
        tokens, values: length of the sequence and of each token.
        dim, layers, heads: of the causal transformer.
        reverse: read the sequence from its end, and the values of each token from theirs.
        lean: whether a value's mean also depends linearly on the values before it in its token.
        components: of the mixture that each value passes first; 0 for none.
    """

    def __init__(
        self,
        tokens: int,
        values: int,
        dim: int,
        layers: int,
        heads: int,
        reverse: bool,
        lean: bool = False,
        components: int = 0,
    ) -> None:
        super().__init__()
        self.reverse, self.values, self.components = reverse, values, components
        self.pairs = values * (values - 1) // 2 if lean else 0
        self.embed = nn.Linear(values, dim)
        self.start = nn.Parameter(torch.zeros(dim))
        self.position = nn.Parameter(torch.randn(tokens, dim) * 0.02)
        self.blocks = Transformer(dim, heads, layers)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 2 * values + self.pairs + 3 * components * values)
        nn.init.zeros_(self.head.weight)  # without mixtures the flow starts as the identity
        nn.init.zeros_(self.head.bias)
        if components:
            bias = self.head.bias[-3 * components * values :].data.view(values, 3, components)
            bias[:, 1] = torch.linspace(-1, 1, components)
            bias[:, 2] = -math.log(components)

    def _map(self, h: Tensor) -> TokenMap:
        with torch.autocast(h.device.type, enabled=False):  # exponents need the precision
            raw = self.head(self.norm(h.float() if h.dtype == torch.bfloat16 else h))
        sizes = [self.values, self.values, self.pairs, 3 * self.components * self.values]
        mu, alpha, linear, mixed = raw.split(sizes, dim=-1)
        alpha = 3 * torch.tanh(alpha / 3)  # bounded, so that no scale can explode
        lower, mixture = None, None
        if self.pairs:
            lower = raw.new_zeros(*raw.shape[:-1], self.values, self.values)
            rows, columns = torch.tril_indices(self.values, self.values, -1, device=raw.device)
            lower[..., rows, columns] = linear
        if self.components:
            mixture = Mixture.of(mixed.unflatten(-1, (self.values, -1)), self.components)
        return TokenMap(mu, alpha, lower, mixture)

    def _turn(self, x: Tensor) -> Tensor:
        """Into the block's reading direction, or back from it."""
        if not self.reverse:
            return x
        return x.flip(1, 2) if self.pairs else x.flip(1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x [n, tokens, values] → z of the same shape and log|det| [n]."""
        x = self._turn(x)
        first = self.start.expand(len(x), 1, -1)
        h = torch.cat([first, self.embed(x[:, :-1])], dim=1) + self.position
        z, logdet = self._map(self.blocks(h, causal=True)).forward(x)
        return self._turn(z), logdet

    def inverse(self, z: Tensor, guidance: Tensor | None = None) -> Tensor:
        """z [n, tokens, values] → x, one token at a time with a local key-value cache.

        Args:
            guidance: scale of each row, [n], at the last token; it grows from 1 at the first. The
                map is pushed away from that of a reader whose attention is blurred
                (:data:`BLUR`), as classifier-free guidance pushes away from the unconditional
                (TarFlow, section 3.5). At 1, as without, this is the exact inverse.
        """
        z = self._turn(z)
        n, tokens, _ = z.shape
        readers = (1.0,) if guidance is None else (1.0, BLUR)
        pasts = [self.blocks.past(z, n, tokens) for _ in readers]
        out: list[Tensor] = []
        h = self.start.expand(n, 1, -1)
        for i in range(tokens):
            h = (h + self.position[i]).repeat(len(readers), 1, 1)
            h = self.blocks.read_on(h, pasts, readers)
            maps = self._map(h[:n])
            if guidance is not None:
                scale = 1 + (guidance[:, None, None] - 1) * i / max(1, tokens - 1)
                maps = maps.guided(self._map(h[n:]), scale)
            out.append(maps.inverse(z[:, i : i + 1]))
            h = self.embed(out[-1])
        return self._turn(torch.cat(out, dim=1))


class Flow(nn.Module):
    """A stack of blocks between images and standard normal noise.

    Args:
        side, patch: image and patch side in pixels.
        dim, layers, heads: of each block's transformer.
        blocks: number of blocks.
        channels: of the images.
        noise: deviation of the Gaussian noise that it was trained with, 0 for none.
        lean: see :class:`FlowBlock`.
        components: of the first block's mixtures, see :class:`FlowBlock`.
    """

    def __init__(
        self,
        side: int = SIDE,
        patch: int = PATCH,
        dim: int = 192,
        layers: int = 3,
        heads: int = 6,
        blocks: int = BLOCKS,
        channels: int = 3,
        noise: float = NOISE,
        lean: bool = False,
        components: int = 0,
    ) -> None:
        super().__init__()
        self.side, self.patch, self.channels, self.noise = side, patch, channels, noise
        tokens, values = (side // patch) ** 2, channels * patch**2
        self.blocks = nn.ModuleList(
            FlowBlock(tokens, values, dim, layers, heads, bool(i % 2), lean, 0 if i else components)
            for i in range(blocks)
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one image."""
        return self.channels, self.side, self.side

    def patchify(self, images: Tensor) -> Tensor:
        """[n, channels, side, side] → [n, tokens, channels · patch²]."""
        return F.pixel_unshuffle(images, self.patch).flatten(2).transpose(1, 2)

    def unpatchify(self, tokens: Tensor) -> Tensor:
        """Inverse of :meth:`patchify`."""
        grid = self.side // self.patch
        return F.pixel_shuffle(tokens.transpose(1, 2).unflatten(2, (grid, grid)), self.patch)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Images [n, channels, side, side] → noise tokens and log|det dz/dx| [n]."""
        x = self.patchify(images)
        logdet = torch.zeros(len(images), device=images.device)
        for block in self.blocks:
            x, part = block(x)
            logdet = logdet + part
        return x, logdet

    def inverse(self, tokens: Tensor) -> Tensor:
        """Noise tokens → images."""
        for block in reversed(self.blocks):
            assert isinstance(block, FlowBlock)
            tokens = block.inverse(tokens)
        return self.unpatchify(tokens)


def log_prob(z: Tensor, logdet: Tensor) -> Tensor:
    """Log density in nats of the images that were mapped to z [n, …], [n]."""
    values = z[0].numel()
    normal = -0.5 * (z.square().flatten(1).sum(1) + values * math.log(2 * math.pi))
    return normal + logdet


def nll(z: Tensor, logdet: Tensor) -> Tensor:
    """Mean negative log-likelihood of the images that were mapped to z, in nats a value.

    The change of variables: -log p(x) = -log N(z; 0, I) - log|det dz/dx|.

    Args:
        z: noise tokens [n, …].
        logdet: log|det dz/dx|, [n].
    """
    return -log_prob(z, logdet).mean() / z[0].numel()


def bits_per_dim(log_density: Tensor, values: int) -> Tensor:
    """Bits per value of 8-bit images, from a log density over pixels in [-1, 1] (nats, [n])."""
    return -log_density / (values * math.log(2)) - math.log2(LEVEL)


def denoise(flow: Flow, images: Tensor) -> Tensor:
    """The clean images to expect behind noisy ones, by Tweedie's formula.

    A flow trained on images with noise of deviation sigma draws noisy images y; there,
    E[x | y] = y + sigma² ∇ log p(y) (Robbins, 1956; TarFlow, section 3.4).
    """
    with torch.inference_mode(False), torch.enable_grad():
        y = images.clone().requires_grad_()
        density = log_prob(*flow(y.view_as(y)))  # no leaf, or torch could not count its operations
        (gradient,) = torch.autograd.grad(density.sum(), y)
    return images + flow.noise**2 * gradient

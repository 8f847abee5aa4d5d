"""Normalizing flow in the manner of TarFlow (Zhai et al., "Normalizing Flows are Capable
Generative Models", 2024).

An image is cut into 8×8 patches, a sequence of 64 tokens of 192 values. Each block is a masked
autoregressive flow (Papamakarios et al., 2017) over that sequence: a causal transformer reads the
tokens before position i and gives a mean and a log-scale for token i,

    z_i = (x_i - mu(x_<i)) · exp(-alpha(x_<i)),    log|det dz/dx| = -Σ alpha,

so the Jacobian is triangular and the likelihood exact. Blocks alternate the reading direction.
The forward pass is parallel, the inverse goes token by token. The flow of Fashion-MNIST also lets
each value lean on those before it in its own token, by a matrix that the transformer gives, and
first sends each pixel through a mixture of logistics (:mod:`models.mixture`).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.checkpoint import FOLDER, load_checkpoint, load_into
from models.layers import TransformerBlock
from models.mixture import Mixture
from models.sampler import Request, Sampler, State, View, noise, split_rows

PATCH = 8
SIDE = 64
BLOCKS = 4
NOISE = 0.07
"""Deviation of the Gaussian noise on the training images: flat areas have no density without."""


@dataclass(frozen=True)
class TokenMap:
    """How a block maps tokens, given those before them.

    Attributes:
        mu, alpha: mean and log-scale, [n, tokens, values].
        lower: what each value leans on those before it, strictly lower triangular
            [n, tokens, values, values], if at all.
        mixture: of each value, if it passes through one first.
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
        """z → x; values that lean are solved for one after the other."""
        x = z * torch.exp(self.alpha) + self.mu
        if self.lower is not None:
            system = torch.eye(x.shape[-1], device=x.device) - self.lower
            x = torch.linalg.solve_triangular(
                system, x[..., None], upper=False, unitriangular=True
            )[..., 0]
        return x if self.mixture is None else self.mixture.inverse(x)


class FlowBlock(nn.Module):
    """One autoregressive map of a token sequence.

    Args:
        tokens, values: length of the sequence and of each token.
        dim, layers, heads: of the causal transformer.
        reverse: read the sequence from its end, and the values of each token from theirs.
        lean: whether a value's mean depends linearly on those before it in its token.
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
        self.blocks = nn.ModuleList(TransformerBlock(dim, heads) for _ in range(layers))
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
        mu, alpha, lean, mixed = raw.split(sizes, dim=-1)
        alpha = 3 * torch.tanh(alpha / 3)  # bounded, so that no scale can explode
        lower, mixture = None, None
        if self.pairs:
            lower = raw.new_zeros(*raw.shape[:-1], self.values, self.values)
            rows, columns = torch.tril_indices(self.values, self.values, -1, device=raw.device)
            lower[..., rows, columns] = lean
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
        for block in self.blocks:
            h = block(h, causal=True)
        z, logdet = self._map(h).forward(x)
        return self._turn(z), logdet

    def inverse(self, z: Tensor) -> Tensor:
        """z [n, tokens, values] → x, one token at a time with a local key-value cache."""
        z = self._turn(z)
        n, tokens, _ = z.shape
        layers = [block for block in self.blocks if isinstance(block, TransformerBlock)]
        pasts = [layer.past(z, n, tokens) for layer in layers]
        out: list[Tensor] = []
        h = self.start.expand(n, 1, -1)
        for i in range(tokens):
            h = h + self.position[i]
            for layer, past in zip(layers, pasts, strict=True):
                h = layer.read_on(h, [past])
            out.append(self._map(h).inverse(z[:, i : i + 1]))
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


def bits_per_dim(log_density: Tensor, values: int) -> Tensor:
    """Bits per value of 8-bit images, from a log density over pixels in [-1, 1] (nats, [n])."""
    return -log_density / (values * math.log(2)) + math.log2(127.5)


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


@dataclass
class Mapping(State):
    """Tokens on their way through the blocks, in either direction.

    Attributes:
        x: the tokens now, [n, tokens, values].
        logdet: log-determinant gathered on the way to noise, [n].
        given: what the way began with, for the error of the round trip.
        results: extras known so far.
    """

    x: Tensor
    logdet: Tensor
    given: Tensor
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> int:
        """Together only at the same block."""
        return self.step


class _Maps(Sampler[Mapping]):
    """What the flow's procedures share: blocks applied to a batch of states."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    def _forward(self, states: Sequence[Mapping], index: int) -> None:
        z, logdet = self.flow.blocks[index](torch.cat([s.x for s in states]))
        parts = zip(split_rows(z, states), split_rows(logdet, states), strict=True)
        for state, (x, part) in zip(states, parts, strict=True):
            state.x, state.logdet = x, state.logdet + part
            state.step += 1

    def _inverse(self, states: Sequence[Mapping], index: int) -> None:
        block = self.flow.blocks[index]
        assert isinstance(block, FlowBlock)
        x = block.inverse(torch.cat([s.x for s in states]))
        for state, part in zip(states, split_rows(x, states), strict=True):
            state.x = part
            state.step += 1

    def _likelihood(self, state: Mapping) -> None:
        density = log_prob(state.x, state.logdet)
        values = state.x[0].numel()
        state.results |= {
            "z": self.flow.unpatchify(state.x),
            "log_prob": density,
            "bits_per_dim": bits_per_dim(density, values),
        }

    def _images(self, request: Request) -> Tensor:
        images, (channels, side, _) = request.images, self.flow.shape
        if images is None or images.shape[1:] != self.flow.shape:
            kind = "gray" if channels == 1 else "color"
            raise ValueError(f"the flow needs {kind} images of {side} by {side} pixels")
        return images

    @abstractmethod
    def _depth(self, state: Mapping) -> int:
        """How many blocks lie between the images and what the state holds."""

    def preview(self, state: Mapping) -> View:
        """The tokens as an image; noise spans more than [-1, 1] and is shown at a third.

        Extras: ``block``, how many were passed, of how many ``blocks``, and what is known so far.
        """
        shown = self.flow.unpatchify(state.x)
        shown = shown * (1 - 2 / 3 * self._depth(state) / len(self.flow.blocks))
        shown = shown.clamp(-1, 1).expand(-1, 3, -1, -1)  # gray as red, green and blue
        blocks = len(self.flow.blocks)
        return View(shown, {"block": state.step, "blocks": blocks, **state.results})


class FlowDecoder(_Maps):
    """Given noise, ``request.images`` as :class:`FlowEncoder` gives it → image."""

    def start(self, request: Request) -> Mapping:
        """Raises ValueError when the noise has another shape."""
        return self._begin(request, self._images(request))

    def _begin(self, request: Request, z: Tensor) -> Mapping:
        tokens = self.flow.patchify(z)
        return Mapping(request, 0, len(self.flow.blocks), tokens, torch.zeros(len(z)), tokens)

    def _depth(self, state: Mapping) -> int:
        return max(0, len(self.flow.blocks) - state.step)

    def step(self, states: Sequence[Mapping]) -> None:
        """Undo the last block not yet undone."""
        self._inverse(states, len(self.flow.blocks) - 1 - states[0].step)


class FlowSampler(FlowDecoder):
    """Noise → image, one block inverted a step; then the training noise, if any, is taken off.

    ``temperature`` scales the Gaussian that is drawn from.
    """

    def start(self, request: Request) -> Mapping:
        """Draw z; ``temperature`` in 0 … 2, by default 0.9."""
        temperature = 0.9 if request.temperature is None else request.temperature
        if not 0 <= temperature <= 2:
            raise ValueError(f"temperature must be between 0 and 2, not {temperature:g}")
        state = self._begin(request, temperature * noise(request, *self.flow.shape))
        state.total += self.flow.noise > 0
        return state

    def step(self, states: Sequence[Mapping]) -> None:
        """Undo a block, or denoise what the last one left."""
        if states[0].step < len(self.flow.blocks):
            super().step(states)
            return
        noisy = self.flow.unpatchify(torch.cat([s.x for s in states]))
        clean = self.flow.patchify(denoise(self.flow, noisy))
        for state, part in zip(states, split_rows(clean, states), strict=True):
            state.x = part
            state.step += 1


class FlowEncoder(_Maps):
    """Image → noise with the exact likelihood: extras ``z``, ``log_prob``, ``bits_per_dim``.

    Pixels are dequantized with uniform noise of one 8-bit level, drawn from the seed.
    """

    def start(self, request: Request) -> Mapping:
        """``request.images`` in [-1, 1], of the flow's shape."""
        images = self._images(request)
        generator = torch.Generator().manual_seed(request.seed)
        grain = (torch.rand(images.shape, generator=generator) - 0.5) / 127.5
        tokens = self.flow.patchify(images + grain)
        return Mapping(request, 0, len(self.flow.blocks), tokens, torch.zeros(len(images)), tokens)

    def _depth(self, state: Mapping) -> int:
        return min(state.step, 2 * len(self.flow.blocks) - state.step)  # there, and perhaps back

    def step(self, states: Sequence[Mapping]) -> None:
        """Apply the next block."""
        self._forward(states, states[0].step)
        for state in states:
            if state.step == len(self.flow.blocks):
                self._likelihood(state)


class FlowRoundTrip(FlowEncoder):
    """Image → noise → the same image; ends with the largest ``error``."""

    def start(self, request: Request) -> Mapping:
        """Images to send there and back; random pixels without any."""
        if request.images is None:
            pixels = noise(request, *self.flow.shape).clamp(-1, 1)
            state = super().start(Request(n=request.n, seed=request.seed, images=pixels))
            state.request = request
        else:
            state = super().start(request)
        state.total *= 2
        state.results["phase"] = "forward"
        return state

    def step(self, states: Sequence[Mapping]) -> None:
        """The next block forward, or after the last one backward."""
        total = len(self.flow.blocks)
        index = states[0].step
        if index < total:
            super().step(states)
            return
        self._inverse(states, 2 * total - 1 - index)
        for state in states:
            state.results["phase"] = "inverse"
            if state.done:
                state.results["error"] = float((state.x - state.given).abs().max())


def fashion_flow() -> Flow:
    """The flow of 28×28 gray photos, without noise: it is to be judged by its likelihood."""
    return Flow(28, 2, 128, 4, 4, blocks=2, channels=1, noise=0.0, lean=True, components=6)


NETWORKS = {"flow": Flow, "fashion-flow": fashion_flow}


def load(name: str = "flow", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """A trained flow's procedures.

    Raises:
        CheckpointError: see :func:`models.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    flow = NETWORKS[name]()
    load_into(flow, weights, name)
    return {
        "sample": FlowSampler(flow),
        "roundtrip": FlowRoundTrip(flow),
        "encode": FlowEncoder(flow),
        "decode": FlowDecoder(flow),
    }

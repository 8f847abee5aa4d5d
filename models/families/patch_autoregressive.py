"""An autoregressive model of raw pixels, patch by patch (MEGABYTE, Yu et al., 2023).

p(x) is a product over 784 gray pixels, each a distribution over its 256 levels, exact, as PixelRNN
and PixelCNN (van den Oord et al., 2016). One transformer over all pixels would be slow, so two
share the work: a global one reads whole 4×4 patches, 49 of them; a local one reads the 16 pixels
of one patch, helped by what the global one made of the patches before and by the pixels around.
Here the local one is an MLP, since all of a patch lies within the pixels around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.parts.layers import MLP, Past, TransformerBlock
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.sampler import Request, Sampler, State, View, pick, split_rows, uniforms

SIDE = 28
PATCH = 4
GRID = SIDE // PATCH
PATCHES = GRID**2
PIXELS = PATCH**2
LEVELS = 256
REACH = 3
WINDOW = (2 * REACH + 1) ** 2
"""A pixel sees what is known of the 7×7 pixels around it, and so all before it in its patch."""
UNKNOWN = SIDE**2


def to_levels(images: Tensor) -> Tensor:
    """Pixels in [-1, 1] as their 8-bit levels, int64 0 … 255."""
    levels: Tensor = images.add(1).mul(127.5).round().clamp(0, LEVELS - 1)
    return levels.long()


def to_pixels(levels: Tensor) -> Tensor:
    """Inverse of :func:`to_levels`."""
    return levels.float() / 127.5 - 1


def brightness(levels: Tensor) -> Tensor:
    """Levels […, k] as two numbers each, […, 2k]: in [-1, 1], unknown as 0, and 1 if black."""
    known = levels < LEVELS
    values = torch.where(known, levels.float().div(127.5).sub(1), 0.0)
    return torch.cat([values, (levels == 0).float()], dim=-1)


def patchify(images: Tensor) -> Tensor:
    """[n, 28, 28] → [n, 49, 16], patches and their pixels row by row."""
    rows: Tensor = images.unflatten(2, (GRID, PATCH)).unflatten(1, (GRID, PATCH))
    return rows.transpose(2, 3).flatten(3).flatten(1, 2)


def unpatchify(patches: Tensor) -> Tensor:
    """Inverse of :func:`patchify`."""
    grid: Tensor = patches.unflatten(2, (PATCH, PATCH)).unflatten(1, (GRID, GRID))
    return grid.transpose(2, 3).flatten(3).flatten(1, 2)


def neighbours() -> Tensor:
    """Where to find the 49 pixels around each pixel, in its own place that pixel: int64
    [patches, pixels, 49], an index into the flat patches, or :data:`UNKNOWN` for those that are
    outside the image or not before it.
    """
    order = unpatchify(torch.arange(UNKNOWN).view(1, PATCHES, PIXELS))[0].float()
    outside = F.pad(order, [REACH] * 4, value=UNKNOWN)
    around = F.unfold(outside[None, None], 2 * REACH + 1)[0].T.view(SIDE, SIDE, -1)
    before = torch.where(around < order[..., None], around, UNKNOWN)
    return torch.stack([patchify(side[None])[0] for side in before.unbind(-1)], dim=-1).long()


class PixelBlock(nn.Module):
    """Residual MLP on every pixel by itself."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.mlp = MLP(dim, 2)

    def forward(self, x: Tensor) -> Tensor:
        """[…, dim] → […, dim]."""
        out: Tensor = x + self.mlp(self.norm(x))
        return out


class PatchGPT(nn.Module):
    """Distributions of all pixels given those before.

    Args:
        dim, layers: of the transformer over patches.
        local_dim, local_layers: of the network that decides a pixel.
    """

    around: Tensor

    def __init__(
        self, dim: int = 192, layers: int = 6, local_dim: int = 128, local_layers: int = 3
    ) -> None:
        super().__init__()
        self.embed_patch = nn.Sequential(nn.Linear(2 * PIXELS, dim), nn.GELU(), nn.Linear(dim, dim))
        self.start = nn.Parameter(torch.zeros(dim))
        self.place = nn.Parameter(torch.randn(PATCHES, dim) * 0.02)
        self.blocks = nn.ModuleList(TransformerBlock(dim, 6) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.to_local = nn.Linear(dim, PIXELS * local_dim)
        self.embed_left = nn.Embedding(LEVELS + 1, local_dim)  # the last stands for "unknown"
        self.embed_above = nn.Embedding(LEVELS + 1, local_dim)
        self.embed_around = nn.Sequential(
            nn.Linear(2 * WINDOW, 2 * local_dim), nn.GELU(), nn.Linear(2 * local_dim, local_dim)
        )
        self.local_blocks = nn.ModuleList(PixelBlock(local_dim) for _ in range(local_layers))
        self.local_norm = nn.LayerNorm(local_dim)
        self.head = nn.Linear(local_dim, LEVELS)
        self.register_buffer("around", neighbours(), persistent=False)

    def context(self, patches: Tensor) -> Tensor:
        """What the first patches, levels [n, k, 16], say of each and of the one after them.

        Returns:
            [n, k + 1, 16, local_dim]; entry i is for patch i and was read from those before it.
        """
        h = self.embed_patch(brightness(patches))
        first = self.start.expand(len(h), 1, -1)
        h = torch.cat([first, h], dim=1)
        h = h + self.place[: h.shape[1]]
        for block in self.blocks:
            h = block(h, causal=True)
        out: Tensor = self.to_local(self.norm(h)).unflatten(-1, (PIXELS, -1))
        return out

    def local(self, context: Tensor, patches: Tensor, where: Tensor) -> Tensor:
        """Logits of some pixels.

        Args:
            context: […, local_dim] for each of them, after a first dimension n.
            patches: levels [n, 49, 16], of which only what is before a pixel is looked at.
            where: rows of :func:`neighbours` for them, […, 49].
        """
        flat = F.pad(patches.flatten(1), (0, 1), value=LEVELS)
        seen = flat[:, where]
        middle = WINDOW // 2
        h = context + self.embed_left(seen[..., middle - 1])
        h = h + self.embed_above(seen[..., middle - 2 * REACH - 1])
        h = h + self.embed_around(brightness(seen))
        for block in self.local_blocks:
            h = block(h)
        out: Tensor = self.head(self.local_norm(h))
        return out

    def forward(self, patches: Tensor) -> Tensor:
        """Levels, int64 [n, 49, 16] → logits [n, 49, 16, 256]."""
        return self.local(self.context(patches[:, :-1]), patches, self.around)

    def bits_per_dim(self, images: Tensor) -> Tensor:
        """Exact bits a pixel of images [n, 1, 28, 28] in [-1, 1]: [n]."""
        patches = patchify(to_levels(images[:, 0]))
        nats = F.cross_entropy(
            self(patches).flatten(0, 2).float(), patches.flatten(), reduction="none"
        )
        return nats.view(len(images), -1).mean(1) / torch.log(torch.tensor(2.0))


@dataclass
class Writing(State):
    """Images being written, a patch a step.

    Attributes:
        patches: levels, int64 [n, 49, 16]; the first ``step`` patches are known.
        uniforms: the random number that decides each pixel, [n, 49, 16].
        pasts: keys and values of what was read, one a layer.
    """

    patches: Tensor
    uniforms: Tensor
    pasts: list[Past]
    temperature: float

    @property
    def key(self) -> int:
        """Together only at the same patch."""
        return self.step


class PatchSampler(Sampler[Writing]):
    """Nothing → image, from top left to bottom right, 16 pixels a step."""

    def __init__(self, net: PatchGPT) -> None:
        self.net = net

    def start(self, request: Request) -> Writing:
        """Raises ValueError for a temperature outside 0 … 2 (default 1, 0 takes the likeliest)."""
        temperature = 1.0 if request.temperature is None else request.temperature
        if not 0 <= temperature <= 2:
            raise ValueError(f"temperature must be between 0 and 2, not {temperature:g}")
        blank = torch.zeros(request.n, PATCHES, PIXELS, dtype=torch.int64)
        pasts = [block.past(self.net.start, request.n, PATCHES) for block in self._blocks]
        decisive = uniforms(request, PATCHES, PIXELS)
        return Writing(request, 0, PATCHES, blank, decisive, pasts, temperature)

    @property
    def _blocks(self) -> list[TransformerBlock]:
        return [block for block in self.net.blocks if isinstance(block, TransformerBlock)]

    def step(self, states: Sequence[Writing]) -> None:
        """Read the last patch, then draw the pixels of the next one by one."""
        i = states[0].step
        patches = torch.cat([s.patches for s in states])
        context = self._read(states, patches[:, i - 1] if i else None)
        decisive = torch.cat([s.uniforms[:, i] for s in states])
        temperatures = torch.cat(
            [torch.full((s.request.n, 1), s.temperature, dtype=torch.float64) for s in states]
        )
        for j in range(PIXELS):
            logits = self.net.local(context[:, j], patches, self.net.around[i, j])
            patches[:, i, j] = draw(logits, temperatures, decisive[:, j])
        for state, part in zip(states, split_rows(patches, states), strict=True):
            state.patches = part
            state.step += 1

    def _read(self, states: Sequence[Writing], patch: Tensor | None) -> Tensor:
        """The next patch's context [n, 16, local_dim]; the pasts grow by the patch read."""
        net, i = self.net, states[0].step
        n = sum(s.request.n for s in states)
        h = net.start.expand(n, -1) if patch is None else net.embed_patch(brightness(patch))
        h = (h + net.place[i])[:, None]
        for k, block in enumerate(self._blocks):
            h = block.read_on(h, [s.pasts[k] for s in states])
        out: Tensor = net.to_local(net.norm(h[:, 0])).unflatten(-1, (PIXELS, -1))
        return out

    def preview(self, state: Writing) -> View:
        """The pixels so far, gray where there is none yet, as [n, 3, 28, 28]."""
        known = torch.arange(PATCHES)[:, None] < state.step
        shown = unpatchify(torch.where(known, to_pixels(state.patches), 0.0))
        return View(shown[:, None].expand(-1, 3, -1, -1), {"position": state.step})


def draw(logits: Tensor, temperature: Tensor, uniform: Tensor) -> Tensor:
    """Levels, int64 [n].

    Args:
        logits: [n, 256].
        temperature: [n, 1]; where 0, the likeliest level.
        uniform: what decides, [n] in [0, 1).
    """
    return pick((logits.double() / temperature.clamp(min=1e-6)).softmax(1), uniform)


def load(name: str = "fashion-autoregressive", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """The trained model's procedures.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    net = PatchGPT()
    load_into(net, weights, name)
    return {"sample": PatchSampler(net)}

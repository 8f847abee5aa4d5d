"""Images as 8×8 discrete tokens from a learned codebook, and three ways to learn it.

VQ-VAE (van den Oord et al., "Neural Discrete Representation Learning", 2017): what the encoder puts
out at each place is replaced by the nearest of K codes, whose number is the token. A choice has no
gradient, so the decoder's goes straight through to the encoder. A code that nothing chooses does
not learn, and so is never chosen: the codebook collapses. The quantizers differ in what they do
about that.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.parts.layers import ConvDecoder, ConvEncoder
from models.parts.losses import laplacian_pyramid_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

CODES = 512
CHANNELS = 16
GRID = 8
TOKENS = GRID * GRID
WIDTHS = (48, 96)
COMMITMENT = 0.25
"""β: how much less outputs are drawn to their codes than codes to their outputs."""
DECAY = 0.99
"""γ of the moving averages of which codes are made."""
PATIENCE = 50
"""Steps that a code may stay unused before it starts anew."""
SPREAD = 5.0
"""How far out the plain codebook begins, where outputs have a standard deviation of 1."""


def nearest(z: Tensor, codes: Tensor) -> Tensor:
    """The number of the code at the least Euclidean distance: [..., d], [K, d] → int64 [...]."""
    # Of |z - e|², the part that differs from code to code.
    return (codes.square().sum(1) - 2 * z @ codes.T).argmin(-1)


def straight_through(z: Tensor, codes: Tensor) -> Tensor:
    """The codes, whose gradient is handed on to ``z`` as it is; both of one shape."""
    return z + (codes - z).detach()


def usage(tokens: Tensor, codes: int = CODES) -> Tensor:
    """How often each code stands in int64 tokens of any shape, int64 [codes]."""
    return torch.bincount(tokens.flatten(), minlength=codes)


def perplexity(counts: Tensor) -> float:
    """How many codes, all used equally, would be as hard to guess: exp of the entropy, [K] → 1 … K.

    1 also where nothing has been counted.
    """
    shares = counts.double() / counts.sum().clamp(min=1)
    return float(torch.special.entr(shares).sum().exp())


def moved_averages(
    entries: Tensor, counts: Tensor, sums: Tensor, n: Tensor, decay: float = DECAY
) -> tuple[Tensor, Tensor]:
    """Codes as averages of what chose them, and how much they average, a step later.

    Van den Oord et al. (2017), equations 6 to 8, whose m is N · e.

    Args:
        entries: the codes e, [K, d].
        counts: N, how many outputs a code averages, [K].
        sums: of the outputs that chose each in this step, [K, d].
        n: how many they were, [K].
        decay: γ.
    """
    moments = decay * counts[:, None] * entries + (1 - decay) * sums
    counts = decay * counts + (1 - decay) * n
    return moments / counts[:, None], counts


class Quantizer(nn.Module, ABC):
    """Replaces vectors by the nearest codes. Subclasses hold these and say how they learn.

    Args:
        codes: how many, K.
        channels: their dimension, d.

    Attributes:
        size: K.
    """

    def __init__(self, codes: int = CODES, channels: int = CHANNELS) -> None:
        super().__init__()
        self.size = codes
        self._hold(torch.randn(codes, channels))

    @abstractmethod
    def _hold(self, codes: Tensor) -> None:
        """Keep the first codes, drawn from N(0, I), [K, d], as a parameter or a buffer."""

    @abstractmethod
    def codebook(self) -> Tensor:
        """All codes, [K, d]."""

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """[n, d, h, w] → numbers of the nearest codes, int64 [n, h·w] in raster order, and codes.

        The codes are of the shape of ``z``, with a gradient only to the codebook.
        """
        codebook = self.codebook()
        tokens = nearest(z.detach().flatten(2).mT, codebook.detach())
        return tokens, F.embedding(tokens, codebook).mT.view_as(z)

    def codes(self, tokens: Tensor) -> Tensor:
        """The codes of these numbers: int64 [n, h·w] → [n, d, h, w], h = w."""
        side = math.isqrt(tokens.shape[1])
        grid: Tensor = F.embedding(tokens, self.codebook()).mT.unflatten(2, (side, side))
        return grid

    def loss(self, z: Tensor, codes: Tensor) -> Tensor:
        """Draws codes to the outputs that chose them, and outputs, β times as much, to their codes.

        Van den Oord et al. (2017), equation 3, as means over vectors and channels.

        Args:
            z, codes: what was put out and the nearest codes, each [n, d, h, w].
        """
        return F.mse_loss(codes, z.detach()) + COMMITMENT * F.mse_loss(z, codes.detach())

    def update(self, z: Tensor, tokens: Tensor) -> None:
        """Learn otherwise than by gradients, once a step, from [n, d, h, w] and int64 [n, h·w]."""


class PlainQuantizer(Quantizer):
    """The codebook learns by gradient alone, which reaches only codes that are used.

    The first codes lie further out than outputs do, so that few are ever near enough to be chosen.
    """

    def _hold(self, codes: Tensor) -> None:
        self.entries = nn.Parameter(SPREAD * codes)

    def codebook(self) -> Tensor:
        """The learned entries."""
        return self.entries


class AverageQuantizer(Quantizer):
    """A code is the moving average of what chose it; one that is not chosen starts anew.

    Averages are those of van den Oord et al. (2017), appendix A.1. Restarts are those of Dhariwal
    et al., "Jukebox", 2020: a code becomes one of the outputs of that step. In the first step all
    that are unused do.
    """

    entries: Tensor
    counts: Tensor
    idle: Tensor

    def _hold(self, codes: Tensor) -> None:
        self.register_buffer("entries", codes)
        self.register_buffer("counts", torch.ones(len(codes)))
        self.register_buffer("idle", torch.full((len(codes),), PATIENCE, dtype=torch.int32))

    def codebook(self) -> Tensor:
        """The averages, which no gradient reaches."""
        return self.entries

    def loss(self, z: Tensor, codes: Tensor) -> Tensor:
        """The codes follow by themselves; only outputs are drawn."""
        return COMMITMENT * F.mse_loss(z, codes.detach())

    @torch.no_grad()
    def update(self, z: Tensor, tokens: Tensor) -> None:
        """Move the averages, then let codes start anew that were idle too long."""
        outputs, chosen = z.detach().flatten(2).mT.flatten(0, 1), tokens.flatten()
        n = usage(chosen, self.size)
        sums = torch.zeros_like(self.entries).index_add_(0, chosen, outputs)
        entries, counts = moved_averages(self.entries, self.counts, sums, n)
        self.entries.copy_(entries)
        self.counts.copy_(counts)
        self.idle.copy_(torch.where(n > 0, 0, self.idle + 1))
        self._restart(outputs)

    def _restart(self, outputs: Tensor) -> None:
        """Codes that were idle too long become random outputs, [m, d]."""
        late = self.idle >= PATIENCE
        drawn = torch.randint(len(outputs), (len(late),), device=outputs.device)
        self.entries[late] = outputs[drawn][late]
        self.counts[late] = 1.0
        self.idle[late] = 0


class SimQuantizer(Quantizer):
    """Codes stay random; one linear map of them all learns, so that none is left behind.

    SimVQ (Zhu et al., "Addressing Representation Collapse in Vector Quantized Models with One
    Linear Layer", 2024): whichever code is chosen, its gradient moves the map, and so every code.
    """

    entries: Tensor

    def _hold(self, codes: Tensor) -> None:
        self.register_buffer("entries", codes)
        self.map = nn.Linear(codes.shape[1], codes.shape[1], bias=False)
        nn.init.eye_(self.map.weight)

    def codebook(self) -> Tensor:
        """The random codes, mapped."""
        mapped: Tensor = self.map(self.entries)
        return mapped


QUANTIZERS: dict[str, type[Quantizer]] = {
    "plain": PlainQuantizer,
    "ema": AverageQuantizer,
    "simvq": SimQuantizer,
}


class Rebuilt(NamedTuple):
    """Images through the codebook.

    Attributes:
        images: [n, 3, 64, 64].
        z: what the encoder put out, [n, d, 8, 8].
        tokens: int64 [n, 64].
        loss: of the quantizer.
    """

    images: Tensor
    z: Tensor
    tokens: Tensor
    loss: Tensor


class VQVAE(nn.Module):
    """Encoder, codebook and decoder between a 64×64 image and 64 tokens.

    Outputs are normalized over the batch, lest they shrink to be near their codes (Łańcucki et al.,
    "Robust Training of Vector Quantized Bottleneck Models", 2020).

    Args:
        quantizer: one of :data:`QUANTIZERS`.
        widths: channels of the networks' levels.
        codes: of the codebook.

    Raises:
        KeyError: there is no such quantizer.
    """

    def __init__(
        self, quantizer: str = "plain", widths: Sequence[int] = WIDTHS, codes: int = CODES
    ) -> None:
        super().__init__()
        self.encoder = ConvEncoder(4, widths, CHANNELS)
        self.norm = nn.BatchNorm2d(CHANNELS, affine=False)
        self.quantizer = QUANTIZERS[quantizer](codes)
        self.decoder = ConvDecoder(4, widths, CHANNELS, blocks=2)

    def forward(self, images: Tensor) -> Tensor:
        """Reconstruction through the tokens, [n, 3, 64, 64]."""
        return self.decode(self.encode(images)[1])

    def rebuild(self, images: Tensor, quantized: bool = True) -> Rebuilt:
        """What training learns from.

        Args:
            images: [n, 3, 64, 64].
            quantized: whether the decoder reads codes, and not yet what the encoder puts out.
        """
        z = self.norm(self.encoder(images).float())
        with torch.autocast(z.device.type, enabled=False):  # distances are differences of few bits
            tokens, codes = self.quantizer(z)
            loss = self.quantizer.loss(z, codes) if quantized else z.new_zeros(())
        read = straight_through(z, codes) if quantized else z
        return Rebuilt(self.decoder(read).float(), z, tokens, loss)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[n, 3, 64, 64] in [-1, 1] → outputs [n, d, 8, 8] and their tokens, int64 [n, 64]."""
        z = self.norm(self.encoder(images))
        tokens, _ = self.quantizer(z)
        return z, tokens

    def decode(self, tokens: Tensor) -> Tensor:
        """int64 [n, 64] → images [n, 3, 64, 64] in [-1, 1]."""
        out: Tensor = self.decoder(self.quantizer.codes(tokens)).clamp(-1, 1)
        return out


def vq_loss(images: Tensor, rebuilt: Rebuilt) -> Tensor:
    """Twenty times the squared error, the Laplacian pyramid's, and the quantizer's loss."""
    error = (rebuilt.images - images).square().mean()
    return 20 * error + laplacian_pyramid_loss(rebuilt.images, images) + rebuilt.loss

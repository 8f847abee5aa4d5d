"""The network behind every diffusion model here: convolutions at 16×16, a transformer at 8×8.

An hourglass in the manner of U-ViT (Bao et al., 2022) and Stable Diffusion's U-Net: residual
convolutions carry detail, transformer blocks carry structure and read the prompt by
cross-attention. Pixels enter as 4×4 patches and latents as they are, so pixel diffusion at 64×64
and latent diffusion at 128×128 spend the same work a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from models.parts.layers import ResBlock, timestep_embedding
from models.parts.transformer import MLP, Attention, Transformer

if TYPE_CHECKING:
    from models.parts.conditions import Conditions


class TokenRefiner(nn.Module):
    """Two transformer blocks, trained with the denoiser, over frozen features of a prompt.

    CLIP's features rank captions; to draw one, each colour must find its noun. Refiners of this
    kind stand before the denoisers of Lumina-Image 2.0 and HunyuanVideo.

    Args:
        token_width: of a token as it is given.
        width: of a token as it is read.
    """

    def __init__(self, token_width: int, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(token_width, width)
        self.blocks = Transformer(width, 4, layers=2)

    def forward(self, given: Conditions) -> Conditions:
        """The conditions with ``tokens`` [n, m, width]."""
        tokens = self.blocks(self.project(given["tokens"]), mask=_visible(given))
        return given.having(tokens=tokens)


def _visible(conditions: Conditions) -> Tensor:
    """Which tokens may be seen, [n, 1, 1, m]."""
    return conditions["mask"][:, None, None, :]


class ConditionedBlock(nn.Module):
    """Self-attention, cross-attention to the prompt's tokens, MLP; time scales and shifts (adaLN).

    As DiT (Peebles & Xie, 2022) with the cross-attention of latent diffusion (Rombach et al.).

    Args:
        dim, heads: of the attention.
        embedding: length of the embedding of time and prompt.
        context: width of a prompt's token.
    """

    def __init__(self, dim: int, heads: int, embedding: int, context: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, elementwise_affine=False)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.cross = Attention(dim, heads, context=context)
        self.norm3 = nn.LayerNorm(dim, elementwise_affine=False)
        self.mlp = MLP(dim, 3)
        self.modulate = nn.Linear(embedding, 4 * dim)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, embedding: Tensor, read: Conditions) -> Tensor:
        """[n, k, dim] → [n, k, dim]."""
        scale1, shift1, scale2, shift2 = self.modulate(embedding)[:, None].chunk(4, dim=-1)
        x = x + self.attention(self.norm1(x) * (1 + scale1) + shift1)
        x = x + self.cross(self.norm2(x), read["tokens"], _visible(read))
        out: Tensor = x + self.mlp(self.norm3(x) * (1 + scale2) + shift2)
        return out


class Denoiser(nn.Module):
    """Predict the clean image, or the velocity, in a noisy input, given its time and a prompt.

    Args:
        channels: of the image or latent.
        patch: side of the pixel block that becomes one position of the 16×16 grid.
        width: channels at 16×16.
        dim: channels at 8×8.
        layers: transformer blocks at 8×8.
        grid: side of the 8×8 grid, where the input is larger than 16 patches a side.
        token_width: of a prompt's token as it is given.
        text_width: of a token as the blocks read it, and of the vector of the whole prompt.
    """

    def __init__(
        self,
        channels: int = 3,
        patch: int = 4,
        width: int = 96,
        dim: int = 256,
        layers: int = 5,
        grid: int = 8,
        token_width: int = 256,
        text_width: int = 128,
    ) -> None:
        super().__init__()
        emb = self.dim = dim
        self.token_width, self.text_width = token_width, text_width
        self.patch_in = nn.PixelUnshuffle(patch)
        self.embed = nn.Sequential(nn.Linear(emb, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.embed_text = nn.Linear(text_width, emb)
        self.read = TokenRefiner(token_width, text_width)
        self.stem = nn.Conv2d(channels * patch**2, width, 3, padding=1)
        self.down = nn.ModuleList(ResBlock(width, embedding=emb) for _ in range(2))
        self.shrink = nn.Conv2d(width, dim, 2, stride=2)
        self.position = nn.Parameter(torch.randn(grid**2, dim) * 0.02)
        self.blocks = nn.ModuleList(
            ConditionedBlock(dim, 4, emb, text_width) for _ in range(layers)
        )
        self.grow = nn.ConvTranspose2d(dim, width, 2, stride=2)
        self.up = nn.ModuleList(
            [ResBlock(2 * width, width, embedding=emb), ResBlock(width, embedding=emb)]
        )
        self.norm = nn.GroupNorm(8, width)
        self.head = nn.Conv2d(width, channels * patch**2, 3, padding=1)
        self.patch_out = nn.PixelShuffle(patch)
        for parameter in self.head.parameters():
            nn.init.zeros_(parameter)

    def forward(
        self, x: Tensor, t: Tensor, given: Conditions, attention: list[Tensor] | None = None
    ) -> Tensor:
        """Read what is given, then predict; see :meth:`denoise`.

        Args:
            given: see :meth:`embed_conditions`.
        """
        return self.denoise(x, t, self.embed_conditions(given), attention)

    def embed_conditions(self, given: Conditions) -> Conditions:
        """What :meth:`denoise` reads: no step changes it, so that a sampler computes it once.

        Args:
            given: of n prompts ``tokens`` [n, m, token_width], ``pooled`` [n, text_width] and
                ``mask``, true where a token may be seen, bool [n, m].
        """
        read: Conditions = self.read(given)
        return read

    def denoise(
        self, x: Tensor, t: Tensor, read: Conditions, attention: list[Tensor] | None = None
    ) -> Tensor:
        """The prediction, of the input's shape.

        Args:
            x: noisy input [n, channels, H, W].
            t: time [n] in [0, 1], 1 is pure noise.
            read: n rows of what :meth:`embed_conditions` made.
            attention: if given, the cross-attention of every block is appended to it,
                [n, m, 8, 8] averaged over heads.
        """
        emb = nn.functional.silu(
            self.embed(timestep_embedding(t, self.dim)) + self.embed_text(read["pooled"])
        )
        h = self.stem(self.patch_in(x))
        for block in self.down:
            h = block(h, emb)
        skip = h
        h = self.shrink(h)
        side = h.shape[-2:]
        tokens = h.flatten(2).transpose(1, 2) + self.position
        for block in self.blocks:
            if attention is not None:
                attention.append(self._look(block, tokens, read).unflatten(-1, side))
            tokens = block(tokens, emb, read)
        h = self.grow(tokens.transpose(1, 2).unflatten(-1, side))
        h = torch.cat([h, skip], dim=1)
        for block in self.up:
            h = block(h, emb)
        out: Tensor = self.patch_out(self.head(nn.functional.silu(self.norm(h))))
        return out

    @staticmethod
    def _look(block: nn.Module, tokens: Tensor, read: Conditions) -> Tensor:
        assert isinstance(block, ConditionedBlock)
        x = block.norm2(tokens)
        return block.cross.weights(x, read["tokens"], _visible(read)).mean(1).mT

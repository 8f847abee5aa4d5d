"""The network behind every diffusion model here: convolutions at 16×16, a transformer at 8×8.

An hourglass in the manner of U-ViT (Bao et al., 2022) and Stable Diffusion's U-Net: residual
convolutions carry detail, transformer blocks carry structure and read the prompt by
cross-attention. Pixels enter as 4×4 patches and latents as they are, so pixel diffusion at 64×64
and latent diffusion at 128×128 spend the same work a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.parts.clip import TOKEN_WIDTH, WIDTH, TextFeatures
from models.parts.layers import ResBlock, timestep_embedding
from models.parts.transformer import MLP, Attention, Transformer


class TextReader(nn.Module):
    """Two transformer blocks, trained with the denoiser, over the frozen text features.

    CLIP's features rank captions; to draw one, each colour must find its noun. Refiners of this
    kind stand before the denoisers of Lumina-Image 2.0 and HunyuanVideo.
    """

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(TOKEN_WIDTH, WIDTH)
        self.blocks = Transformer(WIDTH, 4, layers=2)

    def forward(self, text: TextFeatures) -> TextFeatures:
        """The features with tokens [n, MAX_TOKENS, WIDTH]."""
        x = self.blocks(self.project(text.tokens), mask=text.mask[:, None, None, :])
        return TextFeatures(x, text.pooled, text.mask)


class ConditionedBlock(nn.Module):
    """Self-attention, cross-attention to the prompt's tokens, MLP; time scales and shifts (adaLN).

    As DiT (Peebles & Xie, 2022) with the cross-attention of latent diffusion (Rombach et al.).
    """

    def __init__(self, dim: int, heads: int, embedding: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, elementwise_affine=False)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.cross = Attention(dim, heads, context=WIDTH)
        self.norm3 = nn.LayerNorm(dim, elementwise_affine=False)
        self.mlp = MLP(dim, 3)
        self.modulate = nn.Linear(embedding, 4 * dim)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, embedding: Tensor, text: TextFeatures) -> Tensor:
        """[n, k, dim] → [n, k, dim]."""
        scale1, shift1, scale2, shift2 = self.modulate(embedding)[:, None].chunk(4, dim=-1)
        x = x + self.attention(self.norm1(x) * (1 + scale1) + shift1)
        x = x + self.cross(self.norm2(x), text.tokens, text.mask[:, None, None, :])
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
    """

    def __init__(
        self,
        channels: int = 3,
        patch: int = 4,
        width: int = 96,
        dim: int = 256,
        layers: int = 5,
        grid: int = 8,
    ) -> None:
        super().__init__()
        emb = self.dim = dim
        self.patch_in = nn.PixelUnshuffle(patch)
        self.embed = nn.Sequential(nn.Linear(emb, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.embed_text = nn.Linear(WIDTH, emb)
        self.read = TextReader()
        self.stem = nn.Conv2d(channels * patch**2, width, 3, padding=1)
        self.down = nn.ModuleList(ResBlock(width, embedding=emb) for _ in range(2))
        self.shrink = nn.Conv2d(width, dim, 2, stride=2)
        self.position = nn.Parameter(torch.randn(grid**2, dim) * 0.02)
        self.blocks = nn.ModuleList(ConditionedBlock(dim, 4, emb) for _ in range(layers))
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
        self, x: Tensor, t: Tensor, text: TextFeatures, attention: list[Tensor] | None = None
    ) -> Tensor:
        """Read the prompts, then predict; see :meth:`denoise`.

        Args:
            text: features of n prompts.
        """
        return self.denoise(x, t, self.read(text), attention)

    def denoise(
        self, x: Tensor, t: Tensor, text: TextFeatures, attention: list[Tensor] | None = None
    ) -> Tensor:
        """The prediction, of the input's shape.

        Args:
            x: noisy input [n, channels, H, W].
            t: time [n] in [0, 1], 1 is pure noise.
            text: n prompts as :class:`TextReader` read them: no step changes that, so that a
                sampler does it once.
            attention: if given, the cross-attention of every block is appended to it,
                [n, MAX_TOKENS, 8, 8] averaged over heads.
        """
        emb = nn.functional.silu(
            self.embed(timestep_embedding(t, self.dim)) + self.embed_text(text.pooled)
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
                attention.append(self._look(block, tokens, text).unflatten(-1, side))
            tokens = block(tokens, emb, text)
        h = self.grow(tokens.transpose(1, 2).unflatten(-1, side))
        h = torch.cat([h, skip], dim=1)
        for block in self.up:
            h = block(h, emb)
        out: Tensor = self.patch_out(self.head(nn.functional.silu(self.norm(h))))
        return out

    @staticmethod
    def _look(block: nn.Module, tokens: Tensor, text: TextFeatures) -> Tensor:
        assert isinstance(block, ConditionedBlock)
        x = block.norm2(tokens)
        return block.cross.weights(x, text.tokens, text.mask[:, None, None, :]).mean(1).mT


def concatenate(features: Sequence[TextFeatures]) -> TextFeatures:
    """One batch of several prompts' features."""
    return TextFeatures(
        torch.cat([f.tokens for f in features]),
        torch.cat([f.pooled for f in features]),
        torch.cat([f.mask for f in features]),
    )


def repeat(features: TextFeatures, n: int) -> TextFeatures:
    """One prompt's features for n images."""
    return TextFeatures(
        features.tokens.expand(n, -1, -1),
        features.pooled.expand(n, -1),
        features.mask.expand(n, -1),
    )

"""Recipe of the CLIP pair: symmetric InfoNCE without captions that are true of another image.

Each caption has a rival with its colours swapped (Yuksekgonul et al., "When and Why
Vision-Language Models Behave like Bags-of-Words", 2022): without it, the text encoder need not
remember which colour belongs to what.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.data.captions import (
    compose_caption,
    draw_phrases,
    full_caption,
    phrases,
    say_all,
    swap_colors,
    tokenizer,
)
from models.data.dataset import Faces
from models.data.rendering import Portion
from models.parts.clip import CLIP, contrastive_loss
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

BATCH = 256


def caption_truth(said: list[dict[str, str]], seen: list[dict[str, str]]) -> Tensor:
    """Bool [images, captions]: every phrase of caption j is a phrase of image i."""
    names = sorted({item for parts in (*said, *seen) for item in parts.items()})
    column = {item: i for i, item in enumerate(names)}

    def hot(rows: list[dict[str, str]]) -> Tensor:
        matrix = torch.zeros(len(rows), len(column))
        for row, parts in zip(matrix, rows, strict=True):
            row[[column[item] for item in parts.items()]] = 1
        return matrix

    missing = (1 - hot(seen)) @ hot(said).T
    return missing == 0


class CLIPRecipe(Recipe):
    """50,000 faces, a fresh caption at every draw."""

    name, family, minutes, rate = "clip", "clip", 10.0, 1e-3
    architecture = "clip"
    portions = (Portion("faces", "train", 50_000), Portion("faces", "test", 5_000))

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces("train", 50_000, device=device, seed=seed)
        self.clip = channels_last(self._network(), device)
        self.modules["clip"] = self.clip
        self.averages["clip"] = EMA(self.clip, 0.995)
        self.optimizers["clip"] = torch.optim.AdamW(
            self.clip.parameters(), self.rate, (0.9, 0.98), weight_decay=0.02, fused=True
        )
        self.images_per_step = BATCH

    def _network(self) -> CLIP:
        return CLIP()

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One contrastive step on 256 pairs and as many rivals."""
        set_rate(self.optimizers["clip"], self.rate, progress, step)
        images, rows = self.faces.draw(BATCH)
        faces = [self.faces.attributes(i) for i in rows]
        said = [draw_phrases(a, self.faces.rng) for a in faces]
        said += [swap_colors(parts) for parts in said]
        texts = [compose_caption(parts, self.faces.rng) for parts in said]
        truth = caption_truth(said, [phrases(a) for a in faces]).to(self.device)
        images = images + 0.05 * torch.randn_like(images)
        ids = tokenizer().encode_batch(texts).to(self.device)
        with self.autocast():
            logits = self.clip.similarity(images, ids)
        loss = contrastive_loss(logits.float(), truth)
        self.descend("clip", loss, step)
        with torch.no_grad():
            best = logits[:, :BATCH].argmax(1).cpu()
            top1 = truth.cpu()[torch.arange(BATCH), best].float().mean()
        return {"loss": loss.item(), "top1": top1.item()}

    def sheet(self) -> Tensor:
        """Faces it learns from."""
        return self.faces.take(slice(0, 64))

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64 shrunk to 32×32 with varied captions, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": BATCH, "ema": 0.995,
                       "loss": "symmetric InfoNCE, other true captions left out, one rival a "
                               "caption with its colours swapped"},
            "parameters": count_parameters(self.clip),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Rank of a true caption among 256, over the test split in 19 batches, and how often the
        true caption beats the one with its colours swapped.
        """
        test, clip = Faces("test", 5_000), self.shipped(CLIP)
        rng = np.random.default_rng(0)
        kinds: dict[str, list[Tensor]] = {"full": [], "varied": []}
        for start in range(0, len(test) - BATCH + 1, BATCH):
            images = test.take(slice(start, start + BATCH))
            faces = [test.attributes(i) for i in range(start, start + BATCH)]
            seen = [phrases(a) for a in faces]
            varied = [draw_phrases(a, rng) for a in faces]
            for kind, said, texts in (
                ("full", seen, [full_caption(a) for a in faces]),
                ("varied", varied, [compose_caption(v, rng) for v in varied]),
            ):
                best = clip.similarity(images, tokenizer().encode_batch(texts)).argmax(1)
                kinds[kind].append(caption_truth(said, seen)[torch.arange(BATCH), best])
        shares = {
            f"test_top1_in_256_{kind}_captions": round(torch.cat(v).float().mean().item(), 4)
            for kind, v in kinds.items()
        }
        return shares | {"test_beats_swapped_colors": round(beats_swaps(clip, test), 4)}


def beats_swaps(clip: CLIP, test: Faces) -> float:
    """How often the full caption is nearer to a face than the one with its colours swapped."""
    right: list[bool] = []
    for start in range(0, len(test), BATCH):
        rows = range(start, min(start + BATCH, len(test)))
        said = [phrases(test.attributes(i)) for i in rows]
        texts = [say_all(parts) for parts in said]
        rivals = [say_all(swap_colors(parts)) for parts in said]
        ids = tokenizer().encode_batch(texts + rivals)
        images = test.take(slice(start, start + BATCH))
        own, other = clip.similarity(images, ids).hsplit([len(rows)])
        better = (own.diagonal() > other.diagonal()).tolist()
        right += [b for b, t, r in zip(better, texts, rivals, strict=True) if t != r]
    return sum(right) / len(right)

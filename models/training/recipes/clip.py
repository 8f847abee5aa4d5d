"""Recipe of the CLIP pair: symmetric InfoNCE without captions that are true of another image.

Each caption has a rival that is nearly true (:mod:`models.data.captions.rivals`): without it, the
text encoder need not remember which colour belongs to what, nor that a "no" stands before a word.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.captions import plain
from models.data.captions.claims import truth, values_of
from models.data.captions.rivals import swapped, with_rival
from models.data.captions.synonyms import grown
from models.data.captions.tokenizer import Tokenizer, tokenizer
from models.data.captions.vocabulary import WORDS
from models.data.captions.writer import training_caption
from models.data.dataset import Faces, Landscapes, Worlds
from models.data.rendering import in_both_worlds
from models.parts.clip import CLIP, TextEncoder, contrastive_loss
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.data.dataset import Pictures
    from models.runtime.checkpoint import Card

BATCH = 256
COUNT = 50_000
"""Pictures of each world."""
ANCHORS = 64
"""Plain captions a step on which a continued text encoder should say what it said before."""
ANCHOR_WEIGHT = 10.0


class CLIPRecipe(Recipe):
    """50,000 faces and as many landscapes, a fresh caption at every draw."""

    name, family, minutes, rate = "clip", "clip", 15.0, 1e-3
    architecture = "clip"
    portions = (*in_both_worlds("train", COUNT), *in_both_worlds("test", 5_000))

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.pictures = Worlds("train", COUNT, device=device, seed=seed)
        self.clip = channels_last(self._network(), device)
        self.modules["clip"] = self.clip
        self.averages["clip"] = EMA(self.clip, 0.995)
        self.optimizers["clip"] = torch.optim.AdamW(
            self.clip.parameters(), self.rate, (0.9, 0.98), weight_decay=0.02, fused=True
        )
        self.images_per_step = BATCH
        self.before: TextEncoder | None = None

    def _network(self) -> CLIP:
        return CLIP()

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One contrastive step on 256 pairs and as many rivals."""
        set_rate(self.optimizers["clip"], self.rate, progress, step)
        images, rows = self.pictures.draw(BATCH)
        seen = [self.pictures.attributes(i) for i in rows]
        captions, rivals = zip(*(with_rival(a, self.pictures.rng) for a in seen), strict=True)
        said = [*captions, *rivals]
        true = truth([c.claims for c in said], [values_of(a) for a in seen]).to(self.device)
        images = images + 0.05 * torch.randn_like(images)
        ids = tokenizer().encode_batch([c.text for c in said]).to(self.device)
        with self.autocast():
            logits = self.clip.agreement(self.clip.image(images), self._pooled(ids))
            anchor = self._anchor(seen[:ANCHORS])
        loss = contrastive_loss(logits.float(), true) + ANCHOR_WEIGHT * anchor
        self.descend("clip", loss, step)
        with torch.no_grad():
            best = logits[:, :BATCH].argmax(1).cpu()
            top1 = true.cpu()[torch.arange(BATCH), best].float().mean()
        return {"loss": loss.item(), "top1": top1.item(), "anchor": anchor.item()}

    def _pooled(self, ids: Tensor) -> Tensor:
        """Of captions [n, MAX_TOKENS], short ones read apart, without most of their padding."""
        lengths = (ids != Tokenizer.pad).sum(1)
        order = lengths.argsort()
        parts = [
            self.clip.text(ids[rows, : lengths[rows].max()])["pooled"] for rows in order.chunk(4)
        ]
        return torch.cat(parts)[order.argsort()]

    def _anchor(self, seen: Sequence[Any]) -> Tensor:
        """How far plain captions have moved from what the continued encoder made of them."""
        if self.before is None:
            return torch.zeros(())
        texts = [plain.draw(a, self.pictures.rng)[0] for a in seen if "hair" in values_of(a)]
        ids = tokenizer().encode_batch(texts).to(self.device)
        with torch.no_grad():
            aim = self.before(ids)
        now, mask = self.clip.text(ids), aim["mask"]
        words = F.mse_loss(now["tokens"][mask].float(), aim["tokens"][mask].float())
        return words + F.mse_loss(now["pooled"].float(), aim["pooled"].float())

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from shipped weights; a word that is new begins as a synonym of one that is not.

        What denoisers have learned of plain captions stays right: see :meth:`_anchor`.
        """
        rows = grown(weights["text.embed.weight"][3:], card["words"], WORDS)
        special = weights["text.embed.weight"][:3]
        super().adopt({**weights, "text.embed.weight": torch.cat([special, rows])}, card)
        self._remember()

    def _remember(self) -> None:
        self.before = copy.deepcopy(self.clip.text).eval().requires_grad_(False)

    def checkpoint_extras(self) -> dict[str, Any]:
        """The text encoder that a continued training began with."""
        return {} if self.before is None else {"before": self.before.state_dict()}

    def resume_extras(self, extras: dict[str, Any]) -> None:
        """See :meth:`checkpoint_extras`."""
        if "before" in extras:
            self._remember()
            assert self.before is not None
            self.before.load_state_dict(extras["before"])

    def sheet(self) -> Tensor:
        """Pictures it learns from."""
        return self.pictures.both(64)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces and landscapes 64×64 shrunk to 32×32 with spoken captions, split train, "
                    f"{COUNT:,} of each",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": BATCH, "ema": 0.995,
                       "loss": "symmetric InfoNCE, other true captions left out, one rival a "
                               "caption with colours swapped or other words changed; continued "
                               "from a text encoder also the distance to it on plain captions"},
            "parameters": count_parameters(self.clip),
            "words": list(WORDS),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Rank of a true caption among 256 of both worlds, over the test split in 38 batches, and
        how often the true caption beats the one with its colours swapped.
        """
        faces, landscapes = Faces("test", 5_000), Landscapes("test", 5_000)
        clip = self.shipped(CLIP)
        rng = np.random.default_rng(0)
        found: dict[str, list[Tensor]] = {"full": [], "spoken": []}
        half = BATCH // 2
        for start in range(0, len(faces) - half + 1, half):
            rows = slice(start, start + half)
            images = torch.cat([faces.take(rows), landscapes.take(rows)])
            seen = [
                p.attributes(i) for p in (faces, landscapes) for i in range(start, start + half)
            ]
            values = [values_of(a) for a in seen]
            spoken = [training_caption(a, rng) for a in seen]
            full = [plain.claims_of(a, plain.parts(a)) for a in seen]
            for kind, texts, claims in (
                ("full", [plain.full_caption(a) for a in seen], full),
                ("spoken", [c.text for c in spoken], [c.claims for c in spoken]),
            ):
                best = clip.similarity(images, tokenizer().encode_batch(texts)).argmax(1)
                found[kind].append(truth(claims, values)[torch.arange(BATCH), best])
        shares = {
            f"test_top1_in_256_{kind}_captions": round(torch.cat(v).float().mean().item(), 4)
            for kind, v in found.items()
        }
        return shares | {"test_beats_swapped_colors": round(beats_swaps(clip, faces), 4)}


def beats_swaps(clip: CLIP, test: Pictures[Any]) -> float:
    """How often the full caption is nearer to a face than the one with its colours swapped."""
    right: list[bool] = []
    for start in range(0, len(test), BATCH):
        seen = [test.attributes(i) for i in range(start, min(start + BATCH, len(test)))]
        texts = [plain.full_caption(a) for a in seen]
        rivals = [plain.full_caption(swapped(a)) for a in seen]
        ids = tokenizer().encode_batch(texts + rivals)
        images = test.take(slice(start, start + BATCH))
        own, other = clip.similarity(images, ids).hsplit([len(seen)])
        better = (own.diagonal() > other.diagonal()).tolist()
        right += [b for b, t, r in zip(better, texts, rivals, strict=True) if t != r]
    return sum(right) / len(right)

"""Recipe of the autoregressive transformer: next-token cross-entropy on tokenized faces."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.rendering import Portion
from models.evaluation.prompts import measure_prompts
from models.evaluation.samples import REAL, measure_samples
from models.families.autoregressive import TokenGPT, token_nats
from models.parts.clip import CLIP
from models.parts.tokenizer import CODES, ImageTokenizer
from models.procedures.autoregressive import AutoregressiveSampler
from models.runtime.zoo import network
from models.training.objectives.denoising import DROPOUT, drop_captions, text_features
from models.training.recipe import EMA, Recipe, count_parameters, on_cpu, set_rate
from models.training.recipes.diffusion import SHEET_PROMPTS


class AutoregressiveRecipe(Recipe):
    """Tokens of 50,000 faces, computed once; captions anew at every draw."""

    name, family, minutes, rate = "autoregressive", "autoregressive", 30.0, 1e-3
    architecture = "autoregressive"
    needs = ("tokenizer", "clip", "judge")
    trained_on, tested_on = Portion("faces", "train", 50_000), Portion("faces", "test", 1_000)
    portions = (trained_on, tested_on, *REAL)

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces(*self.trained_on.part, device, seed)
        self.images = network("tokenizer", ImageTokenizer).to(device)
        self.clip = network("clip", CLIP).to(device)
        self.gpt = self._network().to(device)
        self.modules["gpt"] = self.gpt
        self.averages["gpt"] = EMA(self.gpt, 0.998)
        self.optimizers["gpt"] = torch.optim.AdamW(
            self.gpt.parameters(), self.rate, (0.9, 0.98), weight_decay=0.05, fused=True
        )
        self.images_per_step = 16
        self.tokens = self._tokenize()

    def _network(self) -> TokenGPT:
        return TokenGPT(**self.arguments)

    @torch.no_grad()
    def _tokenize(self) -> Tensor:
        return torch.cat([self.images.encode(part) for part in self.faces.parts(500)])

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """Cross-entropy of all 64 tokens."""
        set_rate(self.optimizers["gpt"], self.rate, progress, step)
        rows = self.faces.rng.integers(len(self.faces), size=self.images_per_step)
        tokens = self.tokens[torch.as_tensor(rows, device=self.tokens.device)].clone()
        captions = text_features(self.clip, drop_captions(self.faces.captions(rows)))
        with self.autocast():
            logits = self.gpt(captions["tokens"], tokens[:, :-1])
        loss = token_nats(logits, tokens).mean()
        self.descend("gpt", loss, step)
        return {"nats/token": loss.item()}

    def sampler(self) -> AutoregressiveSampler:
        """Sampler over the averaged weights, on the CPU."""
        gpt, images = self.shipped(TokenGPT), on_cpu(self.images)
        return AutoregressiveSampler(gpt, images, on_cpu(self.clip).encode_text)

    def sheet(self) -> Tensor:
        """Eight faces for each of four prompts, sixteen without one."""
        sampler = self.sampler()
        rows = [
            sampler.run(sampler.request(n=8, seed=i, prompt=p)).images
            for i, p in enumerate(SHEET_PROMPTS)
        ]
        rows.append(sampler.run(sampler.request(n=16, seed=9)).images)
        return torch.cat(rows)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "8×8 tokens of faces 64×64 with spoken captions, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "cross-entropy of image tokens", "codes": CODES,
                       "captions": "CLIP's text features, frozen", "caption_dropout": DROPOUT},
            "parameters": count_parameters(self.gpt),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Bits a token on the test split with full captions, samples, prompts."""
        test = Faces(*self.tested_on.part)
        sampler, clip = self.sampler(), on_cpu(self.clip)
        nats = []
        captions = test.captions(np.arange(len(test)), full=True)
        for images, ids in zip(test.parts(100), captions.split(100), strict=True):
            tokens, said = sampler.images.encode(images), text_features(clip, ids)["tokens"]
            nats.append(token_nats(sampler.gpt(said, tokens[:, :-1]), tokens))
        bits = torch.cat(nats).mean().item() / math.log(2)

        def draw(n: int, seed: int) -> Tensor:
            return sampler.run(sampler.request(n=n, seed=seed)).images

        return {
            "test_bits_per_token": round(bits, 3),
            "samples": measure_samples(draw),
            "prompts": measure_prompts(sampler),
        }

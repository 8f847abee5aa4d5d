"""Recipe of the autoregressive transformer: next-token cross-entropy on tokenized faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.dataset import Faces
from models.evaluation.prompts import measure_prompts
from models.evaluation.samples import measure_samples
from models.families.autoregressive import TokenGPT
from models.parts.tokenizer import CODES
from models.parts.tokenizer import load as load_tokenizer
from models.procedures.autoregressive import AutoregressiveSampler
from models.runtime.sampler import Request
from models.training.denoising import DROPOUT, drop_captions
from models.training.recipe import EMA, Recipe, count_parameters, set_rate
from models.training.recipes.diffusion import SHEET_PROMPTS


class AutoregressiveRecipe(Recipe):
    """Tokens of 50,000 faces, computed once; captions anew at every draw."""

    name, family, minutes, rate = "autoregressive", "autoregressive", 30.0, 1e-3
    count = 50_000

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces("train", self.count, device=device, seed=seed)
        self.images = load_tokenizer().to(device)
        self.gpt = self._network().to(device)
        self.modules["gpt"] = self.gpt
        self.averages["gpt"] = EMA(self.gpt, 0.998)
        self.optimizers["gpt"] = torch.optim.AdamW(
            self.gpt.parameters(), self.rate, (0.9, 0.98), weight_decay=0.05, fused=True
        )
        self.images_per_step = 16
        self.tokens = self._tokenize()

    def _network(self) -> TokenGPT:
        return TokenGPT()

    @torch.inference_mode()
    def _tokenize(self) -> Tensor:
        parts = [
            self.images.encode(self.faces.take(slice(i, i + 500)))
            for i in range(0, len(self.faces), 500)
        ]
        return torch.cat(parts)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """Cross-entropy of all 64 tokens."""
        set_rate(self.optimizers["gpt"], self.rate, progress, step)
        rows = self.faces.rng.integers(len(self.faces), size=self.images_per_step)
        tokens = self.tokens[torch.as_tensor(rows, device=self.tokens.device)].clone()
        captions = drop_captions(self.faces.captions(rows))
        with self.autocast():
            logits = self.gpt(captions, tokens[:, :-1])
        loss = F.cross_entropy(logits.float().flatten(0, 1), tokens.flatten())
        self.descend("gpt", loss, step)
        return {"nats/token": loss.item()}

    @property
    def _shipped(self) -> TokenGPT:
        gpt = self.averages["gpt"].module
        assert isinstance(gpt, TokenGPT)
        return gpt

    def sampler(self) -> AutoregressiveSampler:
        """Sampler over the averaged weights, on the CPU."""
        return AutoregressiveSampler(self._shipped.cpu(), self.images.cpu())

    def sheet(self) -> Tensor:
        """Eight faces for each of four prompts, sixteen without one."""
        sampler = self.sampler()
        rows = [
            sampler.run(Request(n=8, seed=i, prompt=p)).images for i, p in enumerate(SHEET_PROMPTS)
        ]
        rows.append(sampler.run(Request(n=16, seed=9)).images)
        self._shipped.to(self.device)
        self.images.to(self.device)
        return torch.cat(rows)

    def weights(self) -> Mapping[str, Tensor]:
        """The averaged weights."""
        return self._shipped.state_dict()

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "8×8 tokens of faces 64×64 with varied captions, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "cross-entropy of image tokens", "codes": CODES,
                       "caption_dropout": DROPOUT},
            "parameters": count_parameters(self.gpt),
        }  # fmt: skip

    @torch.inference_mode()
    def measure(self) -> dict[str, Any]:
        """Bits a token on the test split with full captions, samples, prompts."""
        test = Faces("test", 1_000)
        sampler = self.sampler()
        nats = []
        for start in range(0, 1_000, 100):
            rows = range(start, start + 100)
            tokens = self.images.encode(test.take(slice(start, start + 100)))
            captions = test.captions(torch.tensor(rows).numpy(), full=True)
            logits = self._shipped(captions, tokens[:, :-1])
            nats.append(F.cross_entropy(logits.flatten(0, 1), tokens.flatten()))
        bits = torch.stack(nats).mean().item() / torch.log(torch.tensor(2.0)).item()

        def draw(n: int, seed: int) -> Tensor:
            return sampler.run(Request(n=n, seed=seed)).images

        return {
            "test_bits_per_token": round(bits, 3),
            "samples": measure_samples(draw),
            "prompts": measure_prompts(sampler),
        }

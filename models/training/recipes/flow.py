"""Recipe of the normalizing flow: maximum likelihood on faces with a little Gaussian noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.fashion import fashion
from models.data.pixels import dequantize
from models.data.rendering import Portion
from models.evaluation.likelihood import flow_bits
from models.evaluation.samples import REAL, measure_samples
from models.families.flow import NOISE, Flow, nll
from models.procedures.flow import (
    FlowEncoder,
    FlowRoundTrip,
    FlowSampler,
    SampleParameters,
    sampling,
)
from models.training.recipe import EMA, Recipe, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping


class FlowRecipe(Recipe):
    """50,000 faces."""

    name, family, minutes, rate = "flow", "flow", 20.0, 1e-3
    architecture = "flow"
    needs: ClassVar[tuple[str, ...]] = ("judge",)
    data = "faces 64×64, split train, 50,000"
    trained_on, tested_on = Portion("faces", "train", 50_000), Portion("faces", "test", 500)
    portions: ClassVar[tuple[Portion, ...]] = (trained_on, tested_on, *REAL)

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self._load(seed)
        self.flow = self._network().to(device)
        self.modules["flow"] = self.flow
        self.averages["flow"] = EMA(self.flow, 0.998)
        self.optimizers["flow"] = torch.optim.AdamW(
            self.flow.parameters(), self.rate, (0.9, 0.95), weight_decay=1e-4, fused=True
        )
        self.images_per_step = 32

    def _load(self, seed: int) -> None:
        self.faces = Faces(*self.trained_on.part, self.device, seed)

    def _network(self) -> Flow:
        return Flow(**self.arguments)

    def _draw(self) -> Tensor:
        images, _ = self.faces.draw(self.images_per_step)
        return images.contiguous() + self.flow.noise * torch.randn_like(images)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step of the negative log-likelihood in nats a value."""
        set_rate(self.optimizers["flow"], self.rate, progress, step)
        images = self._draw()
        with self.autocast():
            z, logdet = self.flow(images)
        loss = nll(z.float(), logdet)
        self.descend("flow", loss, step)
        return {"nats/value": loss.item()}

    def sheet(self) -> Tensor:
        """Samples with guidance and, below, of the density itself."""
        sampler = FlowSampler(self.shipped(Flow))
        rows = [
            sampler.run(sampler.request(n=32, seed=1, guidance_scale=scale)).images
            for scale in (SampleParameters().guidance_scale, 1.0)
        ]
        return torch.cat(rows)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": self.data,
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "negative log-likelihood",
                       "noise_sigma": self.flow.noise,
                       "choice": "transformer autoregressive flow (TarFlow): its likelihood is "
                                 "exact, its forward pass parallel, and per parameter it models "
                                 "sharp images better than coupling layers"},
            "parameters": count_parameters(self.flow),
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """Exact bits/dim of dequantized test faces, round-trip error, samples."""
        flow = self.shipped(Flow)
        test = Faces(*self.tested_on.part)
        encoder, sampler, trip = FlowEncoder(flow), FlowSampler(flow), FlowRoundTrip(flow)
        bits = flow_bits(encoder, test.take(slice(0, len(test))))
        back = trip.run(trip.request(images=test.take(slice(0, 16))))

        def draw(n: int, seed: int) -> Tensor:
            return sampler.run(sampler.request(n=n, seed=seed)).images

        return {
            "test_bits_per_dim": round(bits.mean().item(), 3),
            "bits_per_dim_of": f"8-bit test faces with uniform dequantization, exact; the model "
            f"was trained with Gaussian noise of {NOISE} on pixels in [-1, 1]",
            "round_trip_max_error": back.extras["error"],
            "sampling": sampling(),
            "samples": measure_samples(draw),
        }


class FashionFlowRecipe(FlowRecipe):
    """60,000 photos of clothing with uniform dequantization."""

    name, minutes, rate = "fashion-flow", 40.0, 1e-3
    dataset = "fashion"
    arguments: ClassVar[Mapping[str, Any]] = {
        "side": 28, "patch": 2, "dim": 128, "layers": 4, "heads": 4, "blocks": 2, "channels": 1,
        "noise": 0.0, "triangular": True, "components": 6,
    }  # fmt: skip
    # Photos of clothes, whose pixels are noisier, gain by a cooled Gaussian.
    defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {"sample": {"temperature": 0.85}}
    needs = portions = ()
    data = "Fashion-MNIST 28×28, split train, 60,000"
    bits = 8

    def _load(self, seed: int) -> None:
        self.photos = fashion("train").images.to(self.device)

    def _draw(self) -> Tensor:
        rows = torch.randint(len(self.photos), (self.images_per_step,), device=self.device)
        images = self.photos[rows]
        return dequantize(images, torch.rand_like(images))

    def measure(self) -> dict[str, Any]:
        """Exact bits/dim of the dequantized test split."""
        bits = flow_bits(FlowEncoder(self.shipped(Flow)), fashion("test").images)
        return {"likelihood": {"kind": "exact", "bits_per_dim": round(bits.mean().item(), 3),
                               "count": len(bits)}}  # fmt: skip

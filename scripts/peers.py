"""The same work done by libraries that many people use, in one run on one machine.

python -m scripts.peers [--json FILE]     needs what `make bench` installs

Every pair draws as many images of 64×64 pixels at once, in as many steps: theirs in float32, as
they do by default, ours as the deck does. One pair gives the peer this machine's fast precision.
The peers' networks are untrained where they are not ours: work does not depend on weights, and so
nothing is said of their images.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import torch
from torch import Tensor, nn

from app.machine.terminal import print_anywhere
from models.families.diffusion import T
from models.procedures.diffusion import DiffusionSampler, SampleParameters
from models.runtime.hardware import hardware
from models.runtime.precision import fast
from models.runtime.timing import best_seconds
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from types import ModuleType

COUNT = 16
DEFAULTS = SampleParameters()
REPEATS = 3
PROMPT = "a laughing person with a red afro and sunglasses"

Draw = Callable[[int], Any]
"""Draws :data:`COUNT` images from a seed."""


@dataclass(frozen=True)
class Pair:
    """One comparison: what is drawn, by whom, how fast.

    Attributes:
        task: in words.
        peer: library and network.
        parameters: of the peer's network.
        ours, theirs: images a second, best of three.
        bar: the least ratio wanted, 0 where none was set.
    """

    task: str
    peer: str
    parameters: int
    ours: float
    theirs: float
    bar: float = 0.0

    @property
    def ratio(self) -> float:
        """How many times faster we are."""
        return self.ours / self.theirs


def rate(draw: Draw) -> float:
    """Images a second, best of :data:`REPEATS` after one to warm up."""
    with torch.inference_mode():
        draw(REPEATS)
        return COUNT / best_seconds(draw, REPEATS)


def size(network: nn.Module) -> int:
    """Number of parameters."""
    return sum(p.numel() for p in network.parameters())


def scheduler() -> Any:
    """DPM-Solver++(2M) of diffusers for the cosine schedule and a network that predicts x0."""
    module = importlib.import_module("diffusers.schedulers.scheduling_dpmsolver_multistep")
    made = module.DPMSolverMultistepScheduler(
        T, beta_schedule="squaredcos_cap_v2", prediction_type="sample", solver_order=2
    )
    made.set_timesteps(DEFAULTS.num_steps)
    return made


def same_network(sampler: DiffusionSampler) -> Draw:
    """Our weights in a loop as diffusers' pipelines have it: guidance in one doubled batch."""
    both = sampler.encode([PROMPT, ""]).rows(torch.arange(2).repeat_interleave(COUNT))

    def draw(seed: int) -> Tensor:
        steps = scheduler()
        x = torch.randn(COUNT, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
        for t in steps.timesteps:
            times = torch.full((2 * COUNT,), float(t) / T)
            cond, uncond = sampler.net(torch.cat([x, x]), times, both).chunk(2)
            x0 = uncond + DEFAULTS.guidance_scale * (cond - uncond)
            x = steps.step(x0.clamp(-1, 1), t, x).prev_sample
        return x

    return draw


def diffusers_unet(widths: tuple[int, ...]) -> nn.Module:
    """Its unconditional U-Net for 64×64 pixels, attention at the next to last level."""
    module = importlib.import_module("diffusers.models.unets.unet_2d")
    last = len(widths) - 2
    down = ["AttnDownBlock2D" if i == last else "DownBlock2D" for i in range(len(widths))]
    network: nn.Module = module.UNet2DModel(
        sample_size=64,
        block_out_channels=widths,
        down_block_types=down,
        up_block_types=[name.replace("Down", "Up") for name in reversed(down)],
        norm_num_groups=16,
    ).eval()
    return network


def denoise(network: nn.Module) -> Draw:
    """Diffusers' loop without a prompt."""

    def draw(seed: int) -> Tensor:
        steps = scheduler()
        x = torch.randn(COUNT, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
        for t in steps.timesteps:
            x = steps.step(network(x, t).sample, t, x).prev_sample
        return x

    return draw


def lucidrains() -> ModuleType:
    """denoising-diffusion-pytorch; only its trainer uses torchvision, which CPU builds lack."""
    for name in ("torchvision", "torchvision.transforms", "torchvision.utils"):
        sys.modules.setdefault(name, MagicMock())
    return importlib.import_module("denoising_diffusion_pytorch.denoising_diffusion_pytorch")


def glow() -> nn.Module:
    """normflows' Glow of three levels of eight steps, as its examples build it."""
    nf = importlib.import_module("normflows")
    levels, steps, hidden = 3, 8, 128
    bases, merges, flows = [], [], []
    for i in range(levels):
        channels = 3 * 2 ** (levels + 1 - i)
        level = [
            nf.flows.GlowBlock(channels, hidden, split_mode="channel", scale=True)
            for _ in range(steps)
        ]
        flows.append([*level, nf.flows.Squeeze()])
        side = 64 // 2 ** (levels - i)
        width = channels if i == 0 else channels // 2
        bases.append(nf.distributions.DiagGaussian((width, side, side)))
        if i > 0:
            merges.append(nf.flows.Merge())
    network: nn.Module = nf.MultiscaleFlow(bases, flows, merges).eval()
    return network


def compare() -> list[Pair]:
    """All pairs, ours and the peer's one after the other."""
    zoo = Zoo()
    zoo.prepare("diffusion")
    diffusion, flow = zoo.sampler("diffusion.sample"), zoo.sampler("flow.sample")
    assert isinstance(diffusion, DiffusionSampler)
    torch.set_grad_enabled(False)

    def ours(sampler: Any, **settings: Any) -> float:
        return rate(lambda seed: sampler.run(sampler.request(n=COUNT, seed=seed, **settings)))

    theirs = same_network(diffusion)
    guided, free = ours(diffusion, prompt=PROMPT), ours(diffusion)
    steps = f"{DEFAULTS.num_steps} steps of DPM-Solver++"
    pairs = [
        Pair(f"prompted faces, {steps}", "diffusers' scheduler around our network",
             size(diffusion.net), guided, rate(theirs), 1.5),
        Pair(f"prompted faces, {steps}", "the same, in the fast precision",
             size(diffusion.net), guided, rate(lambda seed: fast(theirs, seed))),
    ]  # fmt: skip
    for label, widths in (
        ("as many parameters", (64, 96, 128, 160)),
        ("widths 128 to 512, of its training guide", (128, 128, 256, 256, 512, 512)),
    ):
        network = diffusers_unet(widths)
        pairs.append(
            Pair(f"faces, {steps}", f"diffusers' U-Net, {label}", size(network), free,
                 rate(denoise(network)), 3.0)
        )  # fmt: skip
    module = lucidrains()
    network = module.Unet(dim=64, dim_mults=(1, 2, 4, 8)).eval()
    process = module.GaussianDiffusion(
        network, image_size=64, timesteps=T, sampling_timesteps=DEFAULTS.num_steps
    ).eval()
    pairs.append(
        Pair(f"faces, {DEFAULTS.num_steps} steps of DDIM",
             "denoising-diffusion-pytorch, its example",
             size(network), ours(diffusion, solver="ddim"),
             rate(lambda seed: process.sample(batch_size=COUNT)))
    )  # fmt: skip
    network = glow()
    pairs.append(
        Pair("faces by a flow", "normflows' Glow, 3 levels of 8 steps", size(network), ours(flow),
             rate(lambda seed: network.sample(COUNT)))  # type: ignore[operator]
    )  # fmt: skip
    return pairs


def show(pairs: list[Pair]) -> None:
    """A table on the terminal."""
    print(f"{hardware('cpu')}; {COUNT} images at once, best of {REPEATS}")
    for p in pairs:
        bar = f", bar {p.bar:g}: {'met' if p.ratio >= p.bar else 'missed'}" if p.bar else ""
        print(f"{p.task}; {p.peer} ({p.parameters / 1e6:.1f} M parameters)")
        print(f"    {p.ours:.2f} images/s here, {p.theirs:.2f} there: {p.ratio:.2f}×{bar}")


def main() -> None:
    """Command line."""
    print_anywhere()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    args = parser.parse_args()
    pairs = compare()
    show(pairs)
    if args.json:
        rows = [asdict(p) | {"ratio": round(p.ratio, 3)} for p in pairs]
        args.json.parent.mkdir(parents=True, exist_ok=True)
        known = {"hardware": hardware("cpu"), "count": COUNT, "pairs": rows}
        args.json.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

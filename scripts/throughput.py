"""What every family draws in a second at batch 1, 16 and 64, against the machine's matmul rate.

python -m scripts.throughput [--json FILE] [NAME…]

Every model runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from app.machine.terminal import print_anywhere
from models.evaluation.evidence import sampling_models
from models.runtime.hardware import hardware
from models.runtime.timing import best_seconds
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.runtime.architecture import AnySampler
    from models.runtime.sampler import Request

BATCHES = (1, 16, 64)
REPEATS = 2
SIDES = (512, 1024, 2048)
"""Of the square matrices of which the quickest product is the machine's rate."""


def best(run: Callable[[int], object]) -> float:
    """Seconds of the quickest of :data:`REPEATS` runs, after one to warm up."""
    run(REPEATS)
    return best_seconds(run, REPEATS)


def matmul_rate(dtype: torch.dtype = torch.float32) -> float:
    """GFLOP a second of a matrix product."""

    def rate(side: int) -> float:
        a, b = (torch.randn(side, side).to(dtype) for _ in range(2))
        return 2 * side**3 / best(lambda seed: a @ b) / 1e9

    return max(rate(side) for side in SIDES)


def first_picture(sampler: AnySampler, request: Request[Any]) -> float:
    """Seconds from the request to the first picture that a step has changed."""
    with torch.inference_mode():
        began = time.perf_counter()
        state = sampler.start(request)
        sampler.step([state])
        (sampler.finish if state.done else sampler.preview)(state)
        return time.perf_counter() - began


def measure(name: str, gflops: float) -> dict[str, Any]:
    """Images a second by batch, first picture in seconds, peak memory in MB.

    Args:
        gflops: of one image, to tell the share of :func:`matmul_rate`, once of float32's and once
            of bfloat16's: denoisers and decoders run in bfloat16 where that is fast.
    """
    zoo = Zoo()
    zoo.prepare(name)
    sampler: AnySampler = zoo.sampler(f"{name}.sample")
    rate, mixed = matmul_rate(), matmul_rate(torch.bfloat16)
    speed = {
        n: n / best(lambda seed, n=n: sampler.run(sampler.request(n=n, seed=seed)))  # type: ignore[misc]
        for n in BATCHES
    }
    return {
        "images_per_second": {str(n): round(v, 3) for n, v in speed.items()},
        "matmul_share": {str(n): round(v * gflops / rate, 3) for n, v in speed.items()},
        "matmul_gflops": round(rate, 1),
        "matmul_share_bfloat16": {str(n): round(v * gflops / mixed, 3) for n, v in speed.items()},
        "matmul_gflops_bfloat16": round(mixed, 1),
        "gflops_image": gflops,
        "first_picture": round(first_picture(sampler, sampler.request(n=16)), 4),
        "network_calls": sampler.start(sampler.request()).total,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def in_a_process(name: str) -> dict[str, Any]:
    """:func:`measure` in a fresh interpreter."""
    command = [sys.executable, "-m", "scripts.throughput", "--alone", name]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def row(name: str, measured: dict[str, Any]) -> str:
    """One line of the table."""
    speeds = "".join(f"{v:10.2f}" for v in measured["images_per_second"].values())
    shares = "".join(f"{v:6.0%}" for v in measured["matmul_share"].values())
    first, peak = measured["first_picture"], measured["peak_mb"]
    return f"{name:24}{speeds}  {shares}{1000 * first:9.0f}{peak:9}"


def main() -> None:
    """Command line."""
    print_anywhere()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    known = [*sampling_models(), *sampling_models("fashion")]
    parser.add_argument("names", nargs="*", metavar="NAME", help="by default every model")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    parser.add_argument("--alone", action="store_true", help="measure here, print JSON")
    args = parser.parse_args()
    if unknown := set(args.names) - set(known):
        parser.error(f"unknown model {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if args.alone:
        for name in args.names:
            gflops = Zoo().card(name)["measured"]["speed"]["gflops_image"]
            print(json.dumps(measure(name, gflops)))
        return
    print(f"{hardware('cpu')}; images a second, share of the matmul rate, first picture, peak")
    head = "".join(f"{n:>10}" for n in BATCHES) + "  " + "".join(f"{n:>6}" for n in BATCHES)
    print(f"{'batch':24}{head}{'ms':>9}{'MB':>9}")
    results = {}
    for name in args.names or known:
        results[name] = in_a_process(name)
        print(row(name, results[name]), flush=True)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"hardware": hardware("cpu"), "models": results}, indent=2)
        args.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

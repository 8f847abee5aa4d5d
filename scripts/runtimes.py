"""Would another way to run the networks be faster? Each is tried on what the deck computes most.

python -m scripts.runtimes [--json FILE]     needs what `make bench` installs

A runtime earns a place in the deck by what it saves at every step, against the seconds that it
takes to be ready and the error that it adds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from app.machine.terminal import print_anywhere
from models.families.gan import Generator
from models.families.vae import VAE
from models.procedures.diffusion import DiffusionSampler
from models.runtime.acceleration import Fused, TensorStep, import_openvino
from models.runtime.hardware import hardware
from models.runtime.precision import fast
from models.runtime.timing import best_seconds
from models.runtime.zoo import Zoo

BATCH = 32
"""Sixteen images, each with and without its prompt."""
REPEATS = 5
PROMPT = "a laughing person with a red afro and sunglasses"

Run = Callable[[], Tensor]
"""One call of the network on its inputs."""


@dataclass(frozen=True)
class Task:
    """A network and what it is given.

    Attributes:
        name: in words.
        network: of tensors alone.
        inputs: its arguments.
        mixed: whether the deck runs it in bfloat16 where that is fast.
    """

    name: str
    network: nn.Module
    inputs: tuple[Tensor, ...]
    mixed: bool = False


@dataclass(frozen=True)
class Trial:
    """What one runtime did with one task.

    Attributes:
        task, runtime: their names.
        ready: seconds until the first answer was there.
        seconds: of a call, best of some.
        ratio: how many times faster than torch at the precision of the deck.
        error: largest deviation from float32 over the largest value.
        refused: why there is nothing to tell, if so.
    """

    task: str
    runtime: str
    ready: float = 0.0
    seconds: float = 0.0
    ratio: float = 0.0
    error: float = 0.0
    refused: str = ""


class Drawing(nn.Module):
    """A GAN's picture of a style, its noise maps given."""

    def __init__(self, generator: nn.Module, noise_maps: Sequence[Tensor]) -> None:
        super().__init__()
        self.generator, self.noise_maps = generator, list(noise_maps)

    def forward(self, styles: Tensor) -> Tensor:
        """Styles [n, layers, W] → images."""
        synthesize: Callable[..., Tensor] = self.generator.synthesize  # type: ignore[assignment]
        return synthesize(styles, self.noise_maps)


class Decoding(nn.Module):
    """A VAE's decoder."""

    def __init__(self, vae: nn.Module) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, z: Tensor) -> Tensor:
        """z [n, latent] → images."""
        decode: Callable[..., Tensor] = self.vae.decode  # type: ignore[assignment]
        return decode(z, torch.ones(len(z)))


def tasks(zoo: Zoo) -> list[Task]:
    """A step of diffusion, and two families that draw in one pass."""
    sampler = zoo.sampler("diffusion.sample")
    assert isinstance(sampler, DiffusionSampler)
    text = sampler.read(PROMPT).repeat(BATCH)
    generator = zoo.network("gan", Generator)
    vae = zoo.network("vae", VAE)
    styles = generator.map(torch.randn(16, 64))[:, None].expand(-1, generator.layers, -1)
    noise = torch.randn(BATCH, 3, 64, 64), torch.full((BATCH,), 0.5)
    return [
        Task("a step of diffusion, 16 guided", TensorStep(sampler.net, text.names),
             (*noise, *text.tensors),
             mixed=True),
        Task("16 faces of the GAN", Drawing(generator, generator.noise_maps(16, styles.device)),
             (styles.contiguous(),)),
        Task("16 faces of the VAE", Decoding(vae), (torch.randn(16, vae.latent),), mixed=True),
    ]  # fmt: skip


def plain(task: Task) -> Run:
    """torch at the precision of the deck."""
    return lambda: fast(task.network, *task.inputs) if task.mixed else task.network(*task.inputs)


def eager(task: Task) -> Run:
    """float32, as torch runs it."""
    return lambda: task.network(*task.inputs)


def eager_mixed(task: Task) -> Run:
    """Products and convolutions in bfloat16."""

    def run() -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            out: Tensor = task.network(*task.inputs)
        return out.float()

    return run


def compiled(task: Task) -> Run:
    """torch.compile, at the precision of the deck."""
    network = torch.compile(task.network, dynamic=False)
    return lambda: fast(network, *task.inputs) if task.mixed else network(*task.inputs)


def int8(task: Task) -> Run:
    """Linear layers in int8, their inputs rounded as they come."""
    quantize = importlib.import_module("torch.ao.quantization").quantize_dynamic
    network = quantize(task.network, {nn.Linear}, dtype=torch.qint8)
    return lambda: network(*task.inputs)


def onnx_runtime(task: Task) -> Run:
    """ONNX Runtime, float32."""
    runtime = importlib.import_module("onnxruntime")
    program = torch.onnx.export(task.network, task.inputs, dynamo=True, verbose=False)
    assert program is not None
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = runtime.InferenceSession(program.model_proto.SerializeToString(), options)
    names = [one.name for one in session.get_inputs()]
    given = {n: x.numpy() for n, x in zip(names, task.inputs, strict=True)}
    return lambda: torch.from_numpy(session.run(None, given)[0])


def openvino(task: Task) -> Run:
    """OpenVINO at the precision that it chooses for this processor."""
    vino = import_openvino()
    model = vino.convert_model(task.network, example_input=task.inputs)
    settings = {"INFERENCE_NUM_THREADS": torch.get_num_threads(), "PERFORMANCE_HINT": "LATENCY"}
    network = vino.compile_model(model, "CPU", settings)
    given = [x.numpy() for x in task.inputs]
    return lambda: torch.from_numpy(network(given)[0])


def in_parts(task: Task) -> Run:
    """OpenVINO as the deck runs denoisers: a thread for every part of the batch."""
    network = Fused(task.network, task.inputs, torch.get_num_threads())
    return lambda: network(*task.inputs)


RUNTIMES: dict[str, Callable[[Task], Run]] = {
    "torch, float32": eager,
    "torch, bfloat16": eager_mixed,
    "torch.compile": compiled,
    "torch, int8 linear layers": int8,
    "ONNX Runtime": onnx_runtime,
    "OpenVINO": openvino,
    "OpenVINO, in parts": in_parts,
}


def attempt(task: Task, runtime: str, exact: Tensor, now: float) -> Trial:
    """Build, run and compare; what a runtime cannot do is told, not raised.

    Args:
        exact: what float32 answers.
        now: seconds of a call by torch at the precision of the deck.
    """
    began = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = RUNTIMES[runtime](task)
            answer = run()
    except Exception as error:
        return Trial(task.name, runtime, refused=f"{type(error).__name__}: {error}"[:200])
    ready = time.perf_counter() - began
    seconds = best_seconds(lambda _: run(), REPEATS)
    deviation = float((answer - exact).abs().max() / exact.abs().max())
    return Trial(task.name, runtime, ready, seconds, now / seconds, deviation)


def compare(task: Task) -> list[Trial]:
    """All runtimes on one task."""
    exact = eager(task)()
    served = plain(task)
    served()
    now = best_seconds(lambda _: served(), REPEATS)
    return [attempt(task, runtime, exact, now) for runtime in RUNTIMES]


def line(trial: Trial) -> str:
    """One trial in words."""
    if trial.refused:
        return f"    {trial.runtime:28}{trial.refused.splitlines()[0]}"
    milliseconds = 1000 * trial.seconds
    return (
        f"    {trial.runtime:28}{milliseconds:9.1f} ms{trial.ratio:7.2f}×"
        f"{trial.ready:9.1f} s to be ready, error {trial.error:.1e}"
    )


def main() -> None:
    """Command line."""
    print_anywhere()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    args = parser.parse_args()
    print(f"{hardware('cpu')}; times faster than torch at the deck's precision, best of {REPEATS}")
    trials = []
    with torch.no_grad():
        for task in tasks(Zoo()):
            print(task.name)
            for trial in compare(task):
                print(line(trial), flush=True)
                trials.append(asdict(trial))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        known = {"hardware": hardware("cpu"), "trials": trials}
        args.json.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

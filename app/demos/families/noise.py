"""Slide 5: the noise of one seed, and what every family makes of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

import torch
import torch.nn.functional as F
from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, Result
from app.demos.kit import (
    Bar,
    Column,
    Formula,
    Line,
    Listing,
    Matrix,
    Scene,
    Sentence,
    Strip,
    Symbol,
    Words,
    fraction,
    row,
    sub,
)
from app.demos.parameters import Parameters, prompt
from app.demos.prompts.reading import Reading
from app.demos.prompts.suggestions import as_faces
from app.engine import Progress
from models.runtime.randomness import noise

COLUMNS = {
    "vae-prior": ("VAE", "vae", "128 values"),
    "gan": ("GAN", "gan", "64 values"),
    "flow": ("Flow", "flow", "this noise"),
    "autoregressive": ("Auto|regres|sive", "autoregressive", "64 draws"),
    "diffusion": ("Diffu|sion", "diffusion", "this noise"),
    "flow-matching": ("Flow match|ing", "diffusion", "this noise"),
    "latent-diffusion": ("Latent diffu|sion", "latent", "1,024 values"),
}
"""Model → its title, ``|`` where a word may be divided, its accent, and what it begins with."""
ORDER = (
    "diffusion", "flow-matching", "flow", "latent-diffusion", "autoregressive", "gan", "vae-prior",
)  # fmt: skip
"""In which they draw: what the others are held against comes first."""
FIRST = ORDER[0]

NOISE = Symbol("noise", sub("ε", "i"), "noise of row i, from the seed")
FACE = Symbol("face", sub("x", "i"), "a family's face in row i")
OTHER = Symbol("reference", sub("y", "j"), "diffusion's face in row j")
ALIKE = Symbol("alike", "a", "how alike they are, here flow matching's")


class NoiseParameters(Parameters):
    """What those are asked for that read a prompt."""

    prompt: str = prompt("a person with glasses")


class OneNoise(Demo[NoiseParameters]):
    """Four noises through seven models."""

    name, slide, order, family = "noise", 5, 2, "winner"
    models = (*ORDER, "clip")
    parameters = NoiseParameters

    async def frames(self, context: Context, p: NoiseParameters) -> AsyncGenerator[Frame, None]:
        """One model after the other, diffusion first."""
        words, outline = self.read(context, p), self.outline(context, p)
        ended: dict[str, Progress] = {}
        seconds = 0.0
        for i, model in enumerate(ORDER, 1):
            asked = _asked(context, model, p.prompt)
            drawing = Result(context, f"{model}.sample", n=Matrix.count, seed=p.seed, **asked)
            if ended:
                await drawing.wait()
            else:
                opening = drawing.frames("Diffusion is drawing.", len(ORDER), outline)
                async with aclosing(opening) as frames:
                    async for frame in frames:
                        yield frame
            ended[model] = drawing.end
            seconds += drawing.end.seconds
            scene = _scene(words, ended)
            done = i == len(ORDER)
            told = f"{len(ORDER)} models have drawn" if done else f"{_title(model)} drew"
            note = words.after(f"{told} four faces{' each' if done else ''}.")
            yield Frame(note, i, len(ORDER), seconds, done, scene=scene)

    def outline(self, context: Context, p: NoiseParameters) -> Scene:
        """Places for the noises and for every family's faces."""
        return _scene(self.read(context, p), {})

    def formula(self, p: NoiseParameters) -> Formula:
        """The noise, and how alike two families' faces are."""
        same = row("mean", "‖", FACE, "−", sub("y", "i"), "‖")
        others = row("mean", "‖", FACE.bare, "−", OTHER, "‖")
        return Formula(
            Line(NOISE, "∼", "N", "(", "0", ",", "I", ")", at="drawn"),
            Line(ALIKE, "=", "1", "−", fraction(same, others), at="drawn"),
            source="Below, j is another row than i: 0 is what chance gives, 1 means equal. Pixels "
            "at 64×64. Flow, diffusion and flow matching begin with the same numbers.",
        )

    def listings(self, p: NoiseParameters) -> Sequence[Listing]:
        """Where the noise comes from, and the comparison."""
        return (
            Listing(noise, {"drawn": ("return",)}),
            Listing(likeness, {"drawn": ("gaps =", "same", "return")}),
        )


def likeness(images: Tensor, others: Tensor) -> float:
    """How much nearer images are to those of the same row than to the other rows'.

    Args:
        images, others: [n, 3, H, W].

    Returns:
        1 where rows are equal, about 0 where rows have nothing to do with each other.
    """
    gaps = torch.cdist(images.flatten(1), others.flatten(1))
    same, n = gaps.diagonal().mean(), len(gaps)
    rest = (gaps.sum() - gaps.diagonal().sum()) / (n * (n - 1))
    return float(1 - same / rest.clamp(min=1e-6))


def _asked(context: Context, model: str, text: str) -> dict[str, object]:
    """The prompt, of a model that reads one."""
    if "prompt" not in context.zoo.procedure(f"{model}.sample").parameters.bounds():
        return {}
    return {"prompt": text} if text.strip() else as_faces(context, model)


def _title(model: str) -> str:
    return COLUMNS[model][0].replace("|", "")


def _scene(words: Reading, ended: Mapping[str, Progress]) -> Scene:
    """The noises, and a column for every model."""
    drawn = {model: end.view.images for model, end in ended.items()}
    small = {model: F.avg_pool2d(faces, faces.shape[-1] // 64) for model, faces in drawn.items()}
    alike = {m: likeness(faces, small[FIRST]) for m, faces in small.items() if m != FIRST}
    latest = next(reversed(list(ended)), "")
    origin = ended[FIRST].view.extras.get("origin") if ended else None
    begin = Strip(
        "Noise", "Four noises", None if origin is None else origin.clamp(-1, 1), "12,288 values",
        name="noise",
    )  # fmt: skip
    strips = [
        Strip(
            title.replace("|", "\N{SOFT HYPHEN}"), f"Four faces by {_title(model)}",
            drawn.get(model), begins, _bars(model, alike), accent,
            "reference" if model == FIRST else "face alike",
            model == latest and len(ended) < len(ORDER),
        )
        for model, (title, accent, begins) in COLUMNS.items()
    ]  # fmt: skip
    parts = (
        Words(words),
        Matrix([begin, *strips], result=True, grow=20),
        Sentence("Alike: nearer to diffusion's face of the row than to its others; 0 is chance."),
    )
    numbers = {"alike": _signed(alike["flow-matching"])} if "flow-matching" in alike else {}
    return Scene(Column(parts), _told(alike, bool(ended)), "drawn" if ended else "", numbers)


def _bars(model: str, alike: Mapping[str, float]) -> list[Bar]:
    """How alike a column is; of diffusion itself nothing."""
    if model == FIRST:
        return []
    known = alike.get(model)
    return [Bar("alike", known, "" if known is None else _signed(known))]


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _told(alike: Mapping[str, float], begun: bool) -> str:
    if not begun:
        return "Places for four noises, and for what each of seven models makes of them."
    if not alike:
        return "Four noises, and the four faces that diffusion makes of them."
    said = ", ".join(f"{_title(model)} {_signed(value)}" for model, value in alike.items())
    return f"How alike faces of a row are to diffusion's, 0 being chance: {said}."

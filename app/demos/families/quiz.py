"""Slide 8: a quiz on six faces."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from urllib.parse import urlencode

import torch
from torch import Tensor

from app.context import Context
from app.deck.comparison import FAMILIES
from app.demos.demo import Demo, Frame, Result
from app.demos.kit import (
    Answer,
    Choice,
    Column,
    Formula,
    Line,
    Listing,
    Picture,
    Row,
    Scene,
    Sentence,
    Symbol,
    fraction,
    sub,
)
from app.demos.parameters import Parameters, select
from app.demos.prompts.suggestions import as_faces
from models.runtime.parameters import MAX_SEED

WHY = {
    "vae": "Soft everywhere: the average of all plausible faces is a blurred one.",
    "gan": "Crisp edges in one pass, now and then with warped features or two of a kind.",
    "flow": "Exact likelihood, paid for with grain and uneven shapes.",
    "autoregressive": "Assembled from small tiles: look for seams and changes of mind.",
    "diffusion": "Clean areas and varied faces; a faint speckle where it stopped denoising.",
    "latent-diffusion": "Smooth and consistent; small details are as good as its decoder.",
}
FACES = 6


class QuizParameters(Parameters):
    """The guess, if any."""

    guess: str = select("none", {"none": "no guess yet", **FAMILIES}, "Guess", "hidden")


class Quiz(Demo[QuizParameters]):
    """Which family drew this?"""

    name, slide, order, family = "quiz", 8, 2, "winner"
    models = tuple(FAMILIES)
    parameters = QuizParameters
    surprising = True

    async def frames(self, context: Context, p: QuizParameters) -> AsyncGenerator[Frame, None]:
        """Six faces of a family that the seed decides; after a guess the verdict comes at once.

        The time stays out of all frames: it differs so much that it would be the answer.
        """
        family = family_of(p.seed)
        asked = as_faces(context, family)
        drawing = Result(context, f"{family}.sample", n=FACES, seed=p.seed, **asked)
        told = _verdict(p.guess, family)
        opening = told or "Somebody is drawing six faces."
        async with aclosing(drawing.frames(opening, 1, self.outline(context, p))) as frames:
            async for frame in frames:
                yield frame
        images = drawing.end.view.images
        if images.shape[-1] != 64:  # equal sizes, so that size gives nothing away
            images = torch.nn.functional.avg_pool2d(images, 2)
        note = "Six faces by one of the six families."
        if told:
            note = f"Drawn by {FAMILIES[family]}."
        yield Frame(note, 1, 1, None, True, scene=self._asked(p, images))

    def outline(self, context: Context, p: QuizParameters) -> Scene:
        """Places for the faces, and the answers, which nobody can choose yet."""
        return self._asked(p, None)

    def formula(self, p: QuizParameters) -> Formula:
        """How the seed decides, and what guessing is worth."""
        family = Symbol("family", "f", "who draws, decided by the seed")
        count = Symbol("families", "K", "families to choose from")
        return Formula(
            Line(family, "∼", "Uniform", "{", "1", "…", count, "}"),
            Line(sub("P", "blind"), "=", fraction("1", count)),
            source="A blind guess is right this often: beat it.",
        )

    def listings(self, p: QuizParameters) -> Sequence[Listing]:
        """How the seed decides."""
        return (Listing(family_of),)

    def _asked(self, p: QuizParameters, images: Tensor | None) -> Scene:
        """Six faces, the answers beside them, and below what is said of them."""
        family, guessed = family_of(p.seed), p.guess != "none"
        told = _verdict(p.guess, family)
        tone = "plain" if not guessed else "good" if p.guess == family else "bad"
        onward = str((p.seed + 1) % (MAX_SEED + 1))
        query = "" if images is None else urlencode({"demo": self.name, "seed": p.seed})
        answers = [
            Answer(name, label, _tone(name, p.guess, family)) for name, label in FAMILIES.items()
        ]
        row = Row(
            (
                Picture(images, "Six faces", "", 3, FACES, name="family", grow=17, result=True),
                Choice("guess", answers, "" if guessed else query, name="family families", grow=5),
            ),
            grow=18,
        )
        below = Row(
            (
                Sentence(told or "Who drew these six faces?", tone, grow=17),
                Choice("seed", [Answer(onward, "Next question")],
                       urlencode({"demo": self.name}), grow=5),
            ),
            grow=3,
        )  # fmt: skip
        text = told or (
            "Six faces by one of six families: who drew them?"
            if images is not None
            else "Places for six faces, and six families to choose from."
        )
        numbers = {"families": str(len(FAMILIES))} | ({"family": FAMILIES[family]} if told else {})
        return Scene(Column((row, below)), text, "", numbers)


def family_of(seed: int) -> str:
    """Which family a seed asks about; neighbouring seeds ask about all in no order."""
    generator = torch.Generator().manual_seed(seed)
    names = list(FAMILIES)
    return names[int(torch.randint(len(names), (1,), generator=generator))]


def _verdict(guess: str, family: str) -> str:
    """Whether a guess is right, and by what one knows it; nothing without a guess."""
    if guess == "none":
        return ""
    said = "Yes" if guess == family else f"No, not {FAMILIES[guess]}"
    return f"{said}: {FAMILIES[family]} drew them. {WHY[family]}"


def _tone(name: str, guess: str, family: str) -> str:
    """How an answer looks: open until there is a guess."""
    if guess == "none":
        return "open"
    return "good" if name == family else "bad" if name == guess else "open"

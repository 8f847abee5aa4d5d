"""Slide 8: a quiz on six faces."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import urlencode

import torch

from app.context import Context
from app.deck.comparison import FAMILIES
from app.demos.demo import Demo, Frame, Result
from app.demos.panels import Choice, Message, Panel, picture
from app.demos.parameters import Parameters, select
from app.demos.suggestions import as_faces
from models.runtime.parameters import MAX_SEED

WHY = {
    "vae": "Soft everywhere: the average of all plausible faces is a blurred one.",
    "gan": "Crisp edges in one pass, now and then with warped features or two of a kind.",
    "flow": "Exact likelihood, paid for with grain and uneven shapes.",
    "autoregressive": "Assembled from small tiles: look for seams and changes of mind.",
    "diffusion": "Clean areas and varied faces; a faint speckle where it stopped denoising.",
    "latent-diffusion": "Smooth and consistent; small details are as good as its decoder.",
}


class QuizParameters(Parameters):
    """The guess, if any."""

    guess: str = select("none", {"none": "no guess yet", **FAMILIES}, "Guess", "hidden")


class Quiz(Demo[QuizParameters]):
    """Which family drew this?"""

    name, slide, order, title, family = "quiz", 8, 2, "Who drew this?", "winner"
    hint = "Look for blur, seams, grain and repetition. Then choose."
    models = tuple(FAMILIES)
    parameters = QuizParameters
    surprising = True

    async def frames(self, context: Context, p: QuizParameters) -> AsyncGenerator[Frame, None]:
        """Six faces of a family that the seed decides; after a guess the verdict comes at once.

        The time stays out of all frames: it differs so much that it would be the answer.
        """
        family = family_of(p.seed)
        verdict = None if p.guess == "none" else _verdict(p.guess, family)
        asked = as_faces(context, family)
        drawing = Result(context, f"{family}.sample", n=6, seed=p.seed, **asked)
        opening = verdict.text if verdict else "Somebody is drawing six faces."
        async with aclosing(drawing.frames(opening)) as frames:
            async for frame in frames:
                yield frame
        images = drawing.end.view.images
        if images.shape[-1] != 64:  # equal sizes, so that size gives nothing away
            images = torch.nn.functional.avg_pool2d(images, 2)
        sheet = picture(images, "Who drew these?", "Six faces", 3, 2)
        panels: tuple[Panel, ...] = (sheet, self._choice("guess", FAMILIES, seed=p.seed))
        note = "Six faces by one of the six families."
        if verdict:
            following = str((p.seed + 1) % (MAX_SEED + 1))
            panels = (sheet, verdict, self._choice("seed", {following: "Next question"}))
            note = f"Drawn by {FAMILIES[family]}."
        yield Frame(panels, note, 1, 1, None, True)

    def _choice(self, field: str, items: dict[str, str], **query: object) -> Choice:
        return Choice(field, tuple(items.items()), urlencode({"demo": self.name, **query}))


def family_of(seed: int) -> str:
    """Which family a seed asks about; neighbouring seeds ask about all in no order."""
    generator = torch.Generator().manual_seed(seed)
    names = list(FAMILIES)
    return names[int(torch.randint(len(names), (1,), generator=generator))]


def _verdict(guess: str, family: str) -> Message:
    right = guess == family
    said = "Yes" if right else f"No, not {FAMILIES[guess]}"
    return Message(
        f"{said}: {FAMILIES[family]} drew them. {WHY[family]}", "good" if right else "bad"
    )

"""Slide 2: twelve faces, of which one tells the drawn ones, and so does the discriminator."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from urllib.parse import urlencode

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result
from app.demos.gan.symbols import PAIRING
from app.demos.kit import (
    Answer,
    Ballot,
    Bar,
    Bars,
    Call,
    Candidate,
    Choice,
    Column,
    Formula,
    HandIn,
    Line,
    Listing,
    Row,
    Scene,
    Sentence,
    Symbol,
    row,
    sub,
)
from app.demos.parameters import Parameters, select, several
from models.data.gallery import COUNT
from models.families.gan import Discriminator, relativistic_loss
from models.runtime.parameters import MAX_SEED

FACES, DRAWN = 12, 6
"""Shown, and how many of them are drawn."""


class DiscriminatorParameters(Parameters):
    """The faces that the viewer takes for drawn, and whether she has handed them in."""

    drawn: str = several(FACES, "Taken for drawn")
    told: str = select("no", {"no": "not yet", "yes": "told"}, "Told", "hidden")

    @property
    def ticked(self) -> frozenset[int]:
        """Places of the faces that are taken for drawn."""
        return frozenset(map(int, filter(None, self.drawn.split(","))))


class BeTheDiscriminator(Demo[DiscriminatorParameters]):
    """The discriminator's task, for the viewer first."""

    name, slide, order, family = "discriminator", 2, 4, "gan"
    models = ("gan",)
    parameters = DiscriminatorParameters

    async def frames(
        self, context: Context, p: DiscriminatorParameters
    ) -> AsyncGenerator[Frame, None]:
        """Six drawn faces among six real ones; once the viewer has called hers, D calls its own."""
        total = 2 if p.told == "yes" else 1
        drawing = Result(context, "gan.sample", n=DRAWN, seed=p.seed)
        waits = drawing.frames("The generator is drawing.", total, self.outline(context, p))
        async with aclosing(waits) as frames:
            async for frame in frames:
                yield frame
        real, order = shuffled(p.seed)
        images = torch.cat([drawing.end.view.images, faces(real)])[order]
        seconds, note = drawing.end.seconds, "Six faces were drawn, six are of the gallery."
        yield Frame(note, 1, total, seconds, total == 1, scene=self._scene(p, images))
        if total == 1:
            return
        judging = Result(context, "gan.judge", seed=p.seed, images=images)
        logits = (await judging.wait()).view.extras["score"]
        scene = self._scene(p, images, [place < DRAWN for place in order], logits)
        note = "The discriminator gave each of the twelve faces a logit."
        yield Frame(note, 2, total, seconds + judging.end.seconds, done=True, scene=scene)

    def outline(self, context: Context, p: DiscriminatorParameters) -> Scene:
        """Places for twelve faces."""
        return self._scene(p)

    def formula(self, p: DiscriminatorParameters) -> Formula:
        """What D calls drawn, and what is counted."""
        logit = Symbol("logit", row("D", "(", sub("x", "i"), ")"), "D's logit for face i")
        drawn = Symbol("count", "k", "faces that are drawn")
        called = Symbol("called", "C", "faces that D calls drawn, or you")
        fake = Symbol("fake", "F", "faces that are drawn")
        return Formula(
            Line(called, "=", "{", "i", ":", "rank", "(", logit, ")", "≤", drawn, "}", at="told"),
            Line(Symbol("right", "r", "calls that are right"), "=", str(FACES), "−",
                 "|", called.bare, "△", fake, "|", at="told"),
            source="The loss compares a real and a drawn face, so D has no logit above which a "
            f"face is real: it calls the six lowest drawn. {PAIRING}.",
        )  # fmt: skip

    def listings(self, p: DiscriminatorParameters) -> Sequence[Listing]:
        """D, its calls, and the loss that taught it."""
        return (
            Listing(Discriminator.forward, {"told": ("x =", "out:")}),
            Listing(called_drawn, {"told": ("return",)}),
            Listing(relativistic_loss),
        )

    def _scene(
        self,
        p: DiscriminatorParameters,
        images: Tensor | None = None,
        is_drawn: Sequence[bool] = (),
        logits: Tensor | None = None,
    ) -> Scene:
        """The faces, to be ticked, or with the truth and both scores once there are logits."""
        if logits is None:
            return self._asked(p, images)
        by_d = called_drawn(logits)
        yours, its = ([(i in called) == truth for i, truth in enumerate(is_drawn)]
                      for called in (p.ticked, by_d))  # fmt: skip
        candidates = [
            Candidate(
                None if images is None else images[i], f"Face {i + 1}", truth,
                f"{'drawn' if truth else 'real'} {float(logits[i]):.1f}".replace("-", "−"),
                (Call("you", yours[i]), Call("D", its[i])),
            )
            for i, truth in enumerate(is_drawn)
        ]  # fmt: skip
        onward = str((p.seed + 1) % (MAX_SEED + 1))
        query = urlencode({"demo": self.name, "seed": p.seed})
        scores = {"You": sum(yours), "D": sum(its)}
        bars = [
            Bar(who, score / FACES, f"{score} of {FACES}", name="right", second=who == "D")
            for who, score in scores.items()
        ]
        said = "D calls the six lowest logits drawn: only differences of logits mean anything."
        foot = Row(
            (
                Bars("called right", bars, 0.5, name="right", grow=8, result=True),
                Sentence(said, grow=9),
                Choice("seed", [Answer(onward, "Twelve more")], query, grow=5),
            ),
            grow=5,
        )
        ballot = Ballot(
            "drawn", "real", "drawn", candidates, foot, name="logit called fake count", grow=20,
            result=True,
        )  # fmt: skip
        text = f"You: {sum(yours)} of {FACES} right. D: {sum(its)} of {FACES}."
        numbers = {"right": str(sum(its)), "count": str(DRAWN)}
        return Scene(Column((ballot,)), text, "told", numbers)

    def _asked(self, p: DiscriminatorParameters, images: Tensor | None) -> Scene:
        """Faces to be ticked, or the places for them."""
        hidden: dict[str, str | int] = {"demo": self.name, "seed": p.seed}
        candidates = [
            Candidate(None if images is None else images[i], f"Face {i + 1}", i in p.ticked)
            for i in range(FACES)
        ]
        said = (
            "Six faces are real, from the shipped gallery; six the GAN draws for this seed. "
            "Tap the drawn ones."
        )
        foot = Row(
            (
                Sentence(said, grow=17),
                HandIn("Ask D", "told", "yes", images is not None, grow=5),
            ),
            grow=5,
        )
        ballot = Ballot(
            "drawn", "real", "drawn", candidates, foot, None if images is None else hidden,
            name="fake called logit count right", grow=20, result=True,
        )  # fmt: skip
        shown = "Twelve faces" if images is not None else "Places for twelve faces"
        text = f"{shown}, {DRAWN} of them drawn: which?"
        return Scene(Column((ballot,)), text)


def shuffled(seed: int) -> tuple[list[int], list[int]]:
    """The real faces that a seed chooses, and at which place which face stands.

    Returns:
        Indices in the gallery, and for every place a number below :data:`DRAWN` for a drawn face
        or from there on for a real one.
    """
    numbers = torch.Generator().manual_seed(seed)
    real = torch.randperm(COUNT, generator=numbers)[: FACES - DRAWN]
    return real.tolist(), torch.randperm(FACES, generator=numbers).tolist()


def called_drawn(logits: Tensor) -> frozenset[int]:
    """The faces that the discriminator holds for the least real, as many as were drawn.

    Args:
        logits: of all faces, [n].
    """
    return frozenset(logits.argsort(stable=True)[:DRAWN].tolist())

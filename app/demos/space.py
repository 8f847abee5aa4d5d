"""Slide 7: where CLIP puts words, and which pictures it finds for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cache

from app.context import Context
from app.deck.gallery import mixed
from app.deck.images import data_uri
from app.demos.demo import Demo, Frame, follow
from app.demos.panels import Message, Panel, Plane, Ranked, Ranking, Words, plane
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.reading import read_words
from app.demos.suggestions import LANDSCAPE
from app.engine import Progress
from models.data.captions.subjects import worlds_of
from models.data.captions.tokenizer import tokenizer
from models.procedures.clip import MatchParameters
from models.runtime.sampler import View

EACH = 6
"""Pictures of each world."""


class SpaceParameters(Parameters):
    """What to read, and how much to show around it."""

    prompt: str = prompt(LANDSCAPE)
    neighbours: int = slider_of(MatchParameters, "neighbours", "Neighbours a word", low=1, high=6)


class Space(Demo[SpaceParameters]):
    """A prompt in the space of its features."""

    name, slide, order, title, family = "space", 7, 2, "Words in space", "latent"
    hint = "CLIP has read captions beside pictures: which words has it put together?"
    models = ("clip",)
    parameters = SpaceParameters

    def worlds(self, context: Context) -> list[str]:
        """CLIP reads captions of both."""
        return ["faces", "landscapes"]

    def read(self, context: Context, p: SpaceParameters) -> Words:
        """The prompt as CLIP reads it."""
        return read_words(p.prompt)

    async def frames(self, context: Context, p: SpaceParameters) -> AsyncGenerator[Frame, None]:
        """The prompt is read word by word, and twelve pictures are ranked by what was read."""
        words = self.read(context, p)
        if not any(map(worlds_of, tokenizer().encode(p.prompt).words)):
            text = "No word here that says what to see: nothing to look for in CLIP's space."
            yield Frame((words, Message(text)), text, 1, 1, None, True)
            return
        images, captions = mixed(EACH, p.seed)
        request = context.request(
            "clip.match", seed=p.seed, images=images, prompt=p.prompt, neighbours=p.neighbours
        )

        @cache
        def pictures() -> list[Ranked]:
            files = map(data_uri, images)
            return [Ranked(file, alt) for file, alt in zip(files, captions, strict=True)]

        drawn: list[Plane] = []

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            drawn[:] = drawn or [_plane(view)]  # names are placed once
            return [_lit(drawn[0], view), _ranking(view, pictures())]

        def note(frame: Progress) -> str:
            last = frame.view.extras["read"][-1]
            return words.after(f"Word {frame.step} of {frame.total} is read: “{last}”.")

        following = follow(context, "clip.match", request, draw, note, skip_blank=True)
        async with aclosing(following) as frames:
            async for frame in frames:
                yield frame


def _plane(view: View) -> Plane:
    """The words by their two principal components, those of the prompt first."""
    extras = view.extras
    words, kin = extras["words"], extras["kin"]
    names = [
        (word, "later", "of the prompt")
        if own == i
        else (word, "near", f"{cosine:.2f} to {words[own]}")
        for i, (word, own, cosine) in enumerate(
            zip(words, kin, extras["cosines"].tolist(), strict=True)
        )
    ]
    dimensions, share = extras["features"].shape[1], extras["variance"]
    label = f"{dimensions} dimensions projected onto two: {share:.0%} of the variance"
    return plane(label, _spoken(words, kin), extras["points"], names)


def _lit(shown: Plane, view: View) -> Plane:
    """The same, with the words of the prompt that are read."""
    points = (
        replace(point, tone="asked")
        if point.tone == "later" and point.name in view.extras["read"]
        else point
        for point in shown.points
    )
    return replace(shown, points=tuple(points))


def _spoken(words: Sequence[str], kin: Sequence[int]) -> str:
    """The neighbours of each word of the prompt."""
    near: dict[str, list[str]] = {}
    for i, (word, own) in enumerate(zip(words, kin, strict=True)):
        if own == i:
            near[word] = []
        else:
            near[words[own]].append(word)
    said = (f"near {word}: {', '.join(others)}" for word, others in near.items() if others)
    return f"Words in a plane; {'; '.join(said)}."


def _ranking(view: View, pictures: Sequence[Ranked]) -> Ranking:
    """The pictures by how well they match what was read."""
    scores = view.extras["scores"]
    order = scores.argsort(descending=True, stable=True).tolist()
    texts = [f"{score:.2f}".replace("-", "−") for score in scores.tolist()]
    items = tuple(replace(pictures[i], text=texts[i]) for i in order)
    return Ranking("Cosine of each picture with what is read", items)

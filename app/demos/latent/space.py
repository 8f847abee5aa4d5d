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
from app.demos.kit import (
    Cloud,
    Column,
    Formula,
    Line,
    Listing,
    Machine,
    Ranked,
    Ranking,
    Row,
    Scene,
    Spot,
    Symbol,
    Words,
    fraction,
    row,
    spots,
    sub,
)
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.prompts.reading import Note, Reading, read_words
from app.demos.prompts.suggestions import LANDSCAPE
from app.engine import Progress
from models.data.captions.subjects import worlds_of
from models.data.captions.tokenizer import tokenizer
from models.parts.clip import CLIP, ImageEncoder, TextEncoder
from models.parts.projection import principal_plane
from models.procedures.clip import ClipMatching, MatchParameters
from models.runtime.sampler import View

EACH = 6
"""Pictures of each world."""
EMPTY = (Ranked(),) * (2 * EACH)


class SpaceParameters(Parameters):
    """What to read, and how much to show around it."""

    prompt: str = prompt(LANDSCAPE)
    neighbours: int = slider_of(MatchParameters, "neighbours", "Neighbours a word", low=1, high=6)


class Space(Demo[SpaceParameters]):
    """A prompt in the space of its features."""

    name, slide, order, family = "space", 7, 2, "latent"
    models = ("clip",)
    parameters = SpaceParameters

    def worlds(self, context: Context) -> list[str]:
        """CLIP reads captions of both."""
        return ["faces", "landscapes"]

    def read(self, context: Context, p: SpaceParameters) -> Reading:
        """The prompt as CLIP reads it."""
        reading = read_words(p.prompt)
        if tokenizer().encode(p.prompt).words:
            return reading
        return Reading(
            reading.items, (Note("No word here is known: there is nothing to look for."),)
        )

    async def frames(self, context: Context, p: SpaceParameters) -> AsyncGenerator[Frame, None]:
        """The prompt is read word by word, and twelve pictures are ranked by what was read."""
        words = self.read(context, p)
        if not any(map(worlds_of, tokenizer().encode(p.prompt).words)):
            text = "No word here that says what to see: nothing to look for in CLIP's space."
            yield Frame(text, 1, 1, None, True, scene=_scene(words, label=text))
            return
        images, captions = mixed(EACH, p.seed)
        request = context.request(
            "clip.match", seed=p.seed, images=images, prompt=p.prompt, neighbours=p.neighbours
        )

        @cache
        def pictures() -> list[Ranked]:
            files = map(data_uri, images)
            return [Ranked(file, alt) for file, alt in zip(files, captions, strict=True)]

        placed: list[Spot] = []

        def draw(view: View, frame: Progress) -> Scene:
            if "words" not in view.extras:
                return self.outline(context, p)
            placed[:] = placed or _placed(view)  # names take their places once
            return _seen(words, placed, pictures(), view, frame.step < frame.total)

        def note(frame: Progress) -> str:
            last = frame.view.extras.get("read", [""])[-1]
            return words.after(
                f"Word {frame.step} of {frame.total} is read: “{last}”." if last else "To be read."
            )

        outline = self.outline(context, p)
        following = follow(context, "clip.match", request, draw, note, outline=outline)
        async with aclosing(following) as frames:
            async for frame in frames:
                yield frame

    def outline(self, context: Context, p: SpaceParameters) -> Scene:
        """An empty plane, and places for twelve pictures."""
        return _scene(self.read(context, p))

    def formula(self, p: SpaceParameters) -> Formula:
        """Features of words and pictures, their cosine, and the plane that is shown."""
        said = Symbol("said", "u", "the words read so far, in CLIP's space")
        seen = Symbol("seen", sub("v", "i"), "a picture, in the same space")
        score = Symbol("score", sub("s", "i"), "how well a picture matches: best of all")
        points = Symbol("points", "p", "where a word stands in the plane")
        return Formula(
            Line(said, "=", "TextEncoder", "(", "words", ")", at="read"),
            Line(seen, "=", "ImageEncoder", "(", "picture", ")", at="read"),
            Line(score, "=", fraction(row(said, "·", seen), row("‖", said, "‖", "‖", seen, "‖")),
                 at="read"),
            Line(points, "=", "PCA", "(", "words", ")", at="read"),
            source="PCA: the two directions in which the shown words differ most. Radford et al., "
            "Learning Transferable Visual Models From Natural Language Supervision, 2021.",
        )  # fmt: skip

    def listings(self, p: SpaceParameters) -> Sequence[Listing]:
        """Both encoders, the match, the plane."""
        return (
            Listing(ClipMatching.step, {"read": ("said", "state.scores")}),
            Listing(TextEncoder.forward, {"read": ("x =", "pooled")}),
            Listing(ImageEncoder.forward, {"read": ("return",)}),
            Listing(principal_plane, {"read": ("left", "points[")}),
            Listing(CLIP.agreement),
        )


def _scene(
    words: Reading,
    placed: Sequence[Spot] = (),
    ranked: Sequence[Ranked] = EMPTY,
    label: str = "",
    alt: str = "",
    lit: bool = False,
) -> Scene:
    """Left words in their space, right pictures by how near they are to what is read."""
    said = Column(
        (
            Machine("text", "CLIP reads words", name="said", lit=lit, grow=1),
            Cloud(
                placed, alt or "An empty plane", label or "no word is read yet",
                name="points said", grow=13,
            ),
        ),
        grow=12,
    )  # fmt: skip
    seen = Column(
        (
            Machine("network", "CLIP sees pictures", name="seen", lit=lit, grow=1),
            Ranking("cosine with what is read", ranked, name="seen score", grow=13, result=True),
        ),
        grow=13,
        result=True,
    )
    root = Column((Words(words, name="said"), Row((said, seen), grow=20)))
    return Scene(root, label or "A plane for words, and twelve places for pictures: all empty.")


def _placed(view: View) -> tuple[Spot, ...]:
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
    return spots(extras["points"], names)


def _seen(
    words: Reading,
    placed: Sequence[Spot],
    pictures: Sequence[Ranked],
    view: View,
    works: bool,
) -> Scene:
    """After some words."""
    extras = view.extras
    known = [
        replace(spot, tone="asked")
        if spot.tone == "later" and spot.name in extras["read"]
        else spot
        for spot in placed
    ]
    read, dimensions, share = len(extras["read"]), extras["features"].shape[1], extras["variance"]
    label = f"{dimensions} dimensions in two: {share:.0%} of the variance"
    ranked = _ranked(view, pictures)
    scene = _scene(words, known, ranked, label, _near(extras["words"], extras["kin"]), works)
    text = (
        f"Read so far: {' '.join(extras['read'])}. The picture that matches best, with a cosine of "
        f"{ranked[0].text}: {ranked[0].alt}."
    )
    numbers = {
        "said": f"{read} {'word' if read == 1 else 'words'}",
        "score": ranked[0].text,
        "points": f"{share:.0%}",
    }
    return Scene(scene.root, text, "read", numbers)


def _near(words: Sequence[str], kin: Sequence[int]) -> str:
    """The neighbours of each word of the prompt."""
    near: dict[str, list[str]] = {}
    for i, (word, own) in enumerate(zip(words, kin, strict=True)):
        if own == i:
            near[word] = []
        else:
            near[words[own]].append(word)
    said = (f"near {word}: {', '.join(others)}" for word, others in near.items() if others)
    return f"Words in a plane; {'; '.join(said)}."


def _ranked(view: View, pictures: Sequence[Ranked]) -> list[Ranked]:
    """The pictures by how well they match what was read."""
    scores = view.extras["scores"]
    order = scores.argsort(descending=True, stable=True).tolist()
    texts = [f"{score:.2f}".replace("-", "−") for score in scores.tolist()]
    return [replace(pictures[i], text=texts[i]) for i in order]

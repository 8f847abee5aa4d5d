"""What CLIP does for a request: read a prompt word by word, and say how well pictures match it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import torch
import torch.nn.functional as F
from annotated_types import Interval
from torch import Tensor

from models.data.captions.subjects import WORLDS
from models.data.captions.tokenizer import tokenizer
from models.parts.clip import CLIP
from models.parts.projection import principal_plane
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Prompted
from models.runtime.sampler import Input, Request, Sampler, State, View, split_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint

SHAPE = (3, 64, 64)
ASKED, SHOWN = 8, 16
"""Most words of a prompt that are shown among their neighbours, and most of all together."""
CHUNK = 64
"""Words that are read at a time."""


@dataclass(frozen=True)
class MatchParameters(Prompted):
    """Of a match.

    Attributes:
        neighbours: words shown beside each of the prompt, at most.
    """

    neighbours: Annotated[int, Interval(ge=0, le=8)] = 4


@dataclass(frozen=True)
class Neighbourhood:
    """Words of a prompt that claim something, and others whose features are near theirs.

    Attributes:
        words: those of the prompt in its order, each once, then the others.
        kin: the word of the prompt that each belongs to, as its place in ``words``.
        cosines: of each with that word, [words].
        features: of length 1, [words, d].
    """

    words: tuple[str, ...]
    kin: tuple[int, ...]
    cosines: Tensor
    features: Tensor

    @cached_property
    def plane(self) -> tuple[Tensor, float]:
        """Where the words lie, [words, 2], and how much of the variance that shows."""
        return principal_plane(self.features) if self.words else (torch.zeros(0, 2), 1.0)


@dataclass
class Matching(State):
    """Pictures beside a prompt, of which one more word is read each step.

    Attributes:
        images: [n, 3, 64, 64].
        read: the prompt's known words.
        seen: what CLIP sees in the images, of length 1, [n, d]; empty before the first step.
        scores: cosine of each image with the words read so far, [n].
        near: the words' neighbourhood; there from the first step on.
    """

    images: Tensor
    read: tuple[str, ...]
    seen: Tensor
    scores: Tensor
    near: Neighbourhood | None = None

    @property
    def key(self) -> bool:
        """Images are looked at once, in the first step."""
        return self.step == 0


class ClipMatching(Sampler[Matching, MatchParameters]):
    """Prompt and pictures → how well each picture matches, word by word.

    Args:
        clip: reads and sees.
    """

    parameters = MatchParameters
    takes = ("images",)

    def __init__(self, clip: CLIP) -> None:
        self.clip = clip

    @property
    def inputs(self) -> dict[str, Input]:
        """What is matched."""
        return {"images": Input(SHAPE)}

    @cached_property
    def known(self) -> Tensor:
        """Of every word that claims something, in the order of :data:`WORLDS`: what CLIP makes of
        it alone, of length 1, [words, d]."""
        words = list(WORLDS)
        chunks = (words[i : i + CHUNK] for i in range(0, len(words), CHUNK))
        return torch.cat([self._said(chunk) for chunk in chunks])

    def prepare(self, threads: int = 0) -> None:
        """Read the vocabulary."""
        with torch.inference_mode():
            assert len(self.known)

    def start(self, request: Request[MatchParameters]) -> Matching:
        """Nothing seen or read yet."""
        images = self.given(request, "images")
        read = tokenizer().encode(request.parameters.prompt).words
        nothing = images.new_zeros(len(images))
        return Matching(request, 0, max(1, len(read)), images, read, nothing[:, None], nothing)

    def step(self, states: Sequence[Matching]) -> None:
        """Read one more word of every prompt, and first of all look at the pictures."""
        if states[0].step == 0:
            seen = _unit(self.clip.image(torch.cat([state.images for state in states])))
            for state, part in zip(states, split_rows(seen, states), strict=True):
                state.seen, state.near = part, self._near(state)
        said = self._said([" ".join(state.read[: state.step + 1]) for state in states])
        for state, text in zip(states, said, strict=True):
            state.scores = state.seen @ text
            state.step += 1

    def preview(self, state: Matching) -> View:
        """The pictures. Extras after the first step: their ``scores`` [n]; the prompt ``read`` so
        far, as words; and the ``words`` shown with their ``features`` [words, d], as in
        :class:`Neighbourhood` ``kin`` and ``cosines``, and ``points`` [words, 2] in a plane that
        holds a share ``variance`` of what they differ in.
        """
        if state.near is None:
            return View(state.images)
        points, variance = state.near.plane
        extras: dict[str, Any] = {
            "scores": state.scores,
            "read": state.read[: state.step],
            "words": state.near.words,
            "kin": state.near.kin,
            "cosines": state.near.cosines,
            "features": state.near.features,
            "points": points,
            "variance": variance,
        }
        return View(state.images, extras)

    def _said(self, texts: list[str]) -> Tensor:
        """What CLIP makes of texts, of length 1, [texts, d]."""
        return _unit(self.clip.encode_text(texts)["pooled"])

    def _near(self, state: Matching) -> Neighbourhood:
        """The prompt's words, and for each the nearest that no other has taken."""
        names, known = list(WORLDS), self.known
        claiming = (word for word in dict.fromkeys(state.read) if word in WORLDS)
        asked = [names.index(word) for word in islice(claiming, ASKED)]
        room = (SHOWN - len(asked)) // max(1, len(asked))
        count = min(state.request.parameters.neighbours, room)
        chosen, kin = list(asked), list(range(len(asked)))
        cosines = known[asked] @ known.T
        for i, order in enumerate(cosines.argsort(dim=1, descending=True, stable=True).tolist()):
            others = [other for other in order if other not in chosen][:count]
            chosen += others
            kin += [i] * len(others)
        words = tuple(names[i] for i in chosen)
        return Neighbourhood(words, tuple(kin), cosines[kin, chosen], known[chosen])


def _unit(features: Tensor) -> Tensor:
    return F.normalize(features.float(), dim=1)


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained pair of encoders."""
    clip = checkpoint.build(CLIP)
    return Model(clip, {"match": ClipMatching(clip)})


ARCHITECTURE = Architecture("clip", "clip", load, {"match": ClipMatching})

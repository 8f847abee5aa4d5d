"""What each of the five ideas is: a small scene of the parts that its own slide is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from app.context import Context
from app.demos.demo import Frame, Result
from app.demos.kit import Column, Formula, Listing, Part, Scene
from app.demos.prompts.suggestions import FACE, suggestions, worlds
from app.engine import Progress

Draw = Callable[[Sequence[Progress]], Scene]


class Idea(ABC):
    """One idea.

    Class attributes:
        says: it, in a sentence.
    """

    says: str

    @abstractmethod
    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """Show it."""

    @abstractmethod
    def outline(self, context: Context, seed: int) -> Scene:
        """Its parts before there is anything in them."""

    @abstractmethod
    def formula(self) -> Formula:
        """It, in symbols."""

    @abstractmethod
    def listings(self) -> Sequence[Listing]:
        """It, as code."""

    @staticmethod
    def _scene(*parts: Part, text: str, numbers: dict[str, str], done: bool) -> Scene:
        """The parts one below the other."""
        return Scene(Column(parts), text, "shown" if done else "", numbers)

    async def _each(
        self, results: Sequence[Result], draw: Draw, outline: Scene
    ) -> AsyncGenerator[Frame, None]:
        """A frame with every result that has come."""
        total, seconds = len(results), 0.0
        async with aclosing(results[0].frames("The model is drawing.", total, outline)) as frames:
            async for frame in frames:
                yield frame
        for i, result in enumerate(results, 1):
            if i > 1:
                await result.wait()
            seconds += result.end.seconds
            scene = draw([known.end for known in results[:i]])
            yield Frame(self.says, i, total, seconds, i == total, scene=scene)


def asked(context: Context, model: str, seed: int) -> str:
    """A prompt that a model can draw."""
    prompts = suggestions(worlds(context, model)) or (FACE,)
    return prompts[seed % len(prompts)]

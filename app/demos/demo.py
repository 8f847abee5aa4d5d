"""What every demo is, and how it asks for what its slide shows."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from app.demos.kit import Formula, Listing, Scene
from app.demos.parameters import Parameters
from app.demos.prompts.reading import Note, Reading, read_prompt
from app.demos.prompts.suggestions import worlds
from app.engine import Progress
from models.data.names import DATASETS
from models.runtime.checkpoint import CheckpointError
from models.runtime.sampler import Request, View

if TYPE_CHECKING:
    from app.context import Context

P = TypeVar("P", bound=Parameters)
UNHEARD = Note("At guidance 0 the prompt is not heeded.")


@dataclass(frozen=True)
class Frame:
    """What the page shows of a demo at one moment.

    Attributes:
        note: what was just computed, one sentence.
        step, total: progress of the whole demo.
        seconds: since it began; ``None`` where it is not to be shown.
        done: whether it is the last.
        failed: whether it tells why there is no more.
        scene: what is drawn.
        message: what is said in its place, where there is none.
        waits: whether nothing has been computed yet.
    """

    note: str
    step: int
    total: int
    seconds: float | None = 0.0
    done: bool = False
    failed: bool = False
    scene: Scene | None = None
    message: str = ""
    waits: bool = False


class Demo(ABC, Generic[P]):
    """One Play: a name, its parameters, and the frames they lead to.

    Class attributes:
        name: in the address, one of its slide's.
        slide: 1 … 8.
        order: its place among the demos of its slide; the first is the slide's default.
        title: on its tab, where ``deck.toml`` does not say another; none: its name.
        hint: one sentence on what to look for, where ``deck.toml`` does not say another.
        beside: heading of the facts that the deck shows beside it; none: the first.
        family: for the accent colour, and of the models of its data sets.
        models: names of the models that run, the one that does most of it first.
        parameters: class of its parameters.
        seeded: whether another seed changes what is shown.
        surprising: whether every visit without a seed in its address begins with another one.
        foremost: the control that stands beside Play, or several with blanks between; the others
            are behind a button. By default the prompt, or the first.
        quick: whether it takes less than a tenth of a second: its sliders act while they move.
        left_out: controls that the deck does not show; their parameters keep the default.
        breaks: values of controls by which it fails instructively; none: nothing breaks it.
        look: one sentence on what to look for then.
    """

    name: ClassVar[str]
    slide: ClassVar[int]
    order: ClassVar[int] = 100
    title: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    beside: ClassVar[str] = ""
    family: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    parameters: ClassVar[type[Parameters]] = Parameters
    seeded: ClassVar[bool] = True
    surprising: ClassVar[bool] = False
    foremost: ClassVar[str] = ""
    quick: ClassVar[bool] = False
    left_out: ClassVar[frozenset[str]] = frozenset()
    breaks: ClassVar[Mapping[str, Any]] = {}
    look: ClassVar[str] = ""

    @abstractmethod
    def frames(self, context: Context, p: P) -> AsyncGenerator[Frame, None]:
        """Run it. The first frame comes before any model has finished a step.

        Raises:
            EngineFullError, RequestError, CheckpointError: before the first frame or later.
        """

    def outline(self, context: Context, p: P) -> Scene | None:
        """The scene before there is anything to show in it, with the same parts as later."""
        return None

    def formula(self, p: P) -> Formula | None:
        """What is computed, with the symbols that the scene's parts are named by."""
        return None

    def listings(self, p: P) -> Sequence[Listing]:
        """The functions that compute it."""
        return ()

    def model_of(self, context: Context, dataset: str) -> str:
        """The model that draws a data set: of :attr:`family`, its own before others.

        Raises:
            CheckpointError: there is none.
        """
        found = context.zoo.find(family=self.family, dataset=dataset)
        chosen = next(iter([*(name for name in self.models if name in found), *found]), None)
        if chosen is None:
            name = DATASETS.get(dataset, dataset)
            raise CheckpointError(f"There is no {self.family} model of {name} here")
        return chosen

    def worlds(self, context: Context) -> list[str]:
        """What can be asked for here: of the models of all data sets, or of the one there is."""
        if "dataset" not in self.parameters.model_fields:
            return list(worlds(context, self.models[0]))
        zoo = context.zoo
        models = (
            model
            for model in zoo.find(family=self.family)
            if "prompt" in zoo.procedure(f"{model}.sample").parameters.bounds()
        )
        return [world for model in models for world in worlds(context, model)]

    def drawn_by(self, context: Context, p: P) -> str:
        """The model that draws with these parameters.

        Raises:
            CheckpointError: there is none of the chosen data set.
        """
        dataset: str | None = getattr(p, "dataset", None)
        return self.models[0] if dataset is None else self.model_of(context, dataset)

    def read(self, context: Context, p: P) -> Reading:
        """The prompt as the model reads it; no words where it reads none, or is not here."""
        prompt: str | None = getattr(p, "prompt", None)
        if prompt is None:
            return Reading(())
        try:
            reading = read_prompt(context, self.drawn_by(context, p), prompt)
        except CheckpointError:
            return Reading(())
        unheard = bool(reading.items) and getattr(p, "guidance_scale", 1.0) == 0
        return replace(reading, notes=(*reading.notes, UNHEARD)) if unheard else reading


Draw = Callable[[View, Progress], Scene]


async def follow(
    context: Context,
    procedure: str,
    request: Request[Any],
    draw: Draw,
    note: Callable[[Progress], str],
    skip_blank: bool = False,
    outline: Scene | None = None,
) -> AsyncGenerator[Frame, None]:
    """Frames of one procedure, drawn by ``draw`` outside the event loop.

    Args:
        skip_blank: say so in place of the first view, where nothing is drawn yet.
        outline: the scene while it waits.
    """
    watch = context.submit(procedure, request)
    async with aclosing(watch.progress()) as events:
        async for event in events:
            if event.waits:
                yield waiting(event, outline=outline)
            elif event.step or not skip_blank:
                scene = await asyncio.to_thread(_drawn, draw, event)
                yield _framed(scene, note(event), event)
            else:
                yield opening("The model is drawing.", event.total, outline)


def _drawn(draw: Draw, event: Progress) -> Scene:
    return draw(event.view, event)


def _framed(scene: Scene, note: str, event: Progress) -> Frame:
    """What was drawn of a progress, as a frame."""
    return Frame(note, event.step, event.total, event.seconds, event.done, scene=scene)


async def side_by_side(
    context: Context, plays: Sequence[tuple[str, Request[Any]]]
) -> AsyncGenerator[tuple[Progress, ...], None]:
    """The latest progress of several procedures that run at once, until all are done."""
    async with AsyncExitStack() as stack:
        streams = []
        for procedure, request in plays:
            watch = context.submit(procedure, request)
            stack.callback(watch.leave)  # even if the engine is full when the next one comes
            streams.append(await stack.enter_async_context(aclosing(watch.progress())))
        latest = [await anext(stream) for stream in streams]
        yield tuple(latest)
        while not all(event.done for event in latest):
            latest = [
                event if event.done else await anext(stream)
                for event, stream in zip(latest, streams, strict=True)
            ]
            yield tuple(latest)


class Result:
    """The end of one procedure, and what is shown until it comes.

    Args:
        n, seed, values: plain values of the request.

    Attributes:
        end: the last progress; there once :meth:`frames` or :meth:`wait` is over.
    """

    end: Progress

    def __init__(
        self, context: Context, procedure: str, n: int | None = None, seed: int = 0, **values: Any
    ) -> None:
        self._context, self._procedure = context, procedure
        self._request = context.request(procedure, n, seed, **values)

    async def frames(
        self, note: str, total: int = 1, outline: Scene | None = None
    ) -> AsyncGenerator[Frame, None]:
        """A sentence at once, then its places in the queue, until the end is there.

        Args:
            note: what is being done.
            total: steps of the whole demo.
            outline: the scene until then.

        Raises:
            EngineFullError: before the first frame.
            PlayFailedError: the model failed.
        """
        watch = self._context.submit(self._procedure, self._request, frames=False)
        try:
            yield opening(note, total, outline)
            async with aclosing(watch.progress()) as events:
                async for event in events:
                    self.end = event
                    if event.waits:
                        yield waiting(event, total, outline)
        finally:
            watch.leave()  # a reader may go before anything is heard

    async def wait(self) -> Progress:
        """The end, without frames: for what comes after the first picture.

        Raises:
            EngineFullError, PlayFailedError: see :meth:`frames`.
        """
        watch = self._context.submit(self._procedure, self._request, frames=False)
        self.end = await watch.result()
        return self.end


def opening(note: str, total: int = 1, outline: Scene | None = None) -> Frame:
    """What is shown before there is a picture."""
    return _before(note, note, total, outline)


def waiting(event: Progress, total: int = 1, outline: Scene | None = None) -> Frame:
    """A place in the queue, in words."""
    places = f"{event.ahead} {'play is' if event.ahead == 1 else 'plays are'} before yours"
    guess = "" if event.wait is None else f", about {max(1, round(event.wait))} s"
    text = f"The models are busy: {places}{guess}."
    return _before(text, "Waiting for a turn.", total, outline)


def _before(text: str, note: str, total: int, outline: Scene | None) -> Frame:
    if outline is None:
        return Frame(note, 0, total, message=text, waits=True)
    return Frame(text, 0, total, None, scene=outline, waits=True)

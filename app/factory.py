"""Put the app together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app.assets import Assets
from app.context import Context
from app.deck.deckfile import opened
from app.demos.registry import PACKAGES, Demos
from app.engine import Engine, Limits
from app.errors import install_error_handlers
from app.health.metrics import Metrics, model_of
from app.health.rehearsal import Rehearsal
from app.health.warmup import warm_up
from app.inputs import Inputs
from app.machine.limits import cores
from app.machine.memory import share_arenas
from app.machine.threads import compute_on
from app.middleware import BodyLimit, DefaultHeaders, HeadAsGet, SameOrigin
from app.plays import Plays
from app.proxy import Forwarded
from app.routes import api, docs, handout, health, pages, play, status
from app.routes import inputs as inputs_route
from app.settings import Settings
from models.runtime.device import choose
from models.runtime.zoo import Zoo

ROOT = Path(__file__).resolve().parent.parent


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    drawers = max(1, cores() // 2)  # the other half of the cores is the models' alone
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(drawers, "draw", initializer=compute_on, initargs=(1,))
    )
    context.engine.start()
    task = asyncio.create_task(warm_up(context)) if context.settings.warm_up else None
    try:
        yield
    finally:
        context.drain()
        await app.state.plays.stop()
        await app.state.rehearsal.stop()
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(context.engine.stop)


def create_app(
    settings: Settings | None = None,
    zoo: Zoo | None = None,
    demo_packages: Sequence[str] = PACKAGES,
) -> FastAPI:
    """The application.

    Args:
        settings: by default read from the environment.
        zoo: the models, by default those of the checkpoint folder.
        demo_packages: where demos are looked for.

    Raises:
        DeckError: the settings' deck cannot be meant.
        DeviceMissingError: there is no such device.
    """
    share_arenas()  # before threads begin
    settings = settings or Settings.from_environment()
    deck, demos = opened(settings.deck, Demos(demo_packages))
    settings = replace(settings, threads=settings.threads or cores())
    zoo = zoo or Zoo(settings.checkpoints, device=choose(settings.device))
    metrics = Metrics(dict.fromkeys(map(model_of, zoo.procedures())))
    limits = Limits(
        batch_rows=settings.batch_rows,
        active=settings.max_active,
        rows=settings.max_rows,
        waiting=settings.max_waiting,
        threads=settings.threads,
    )
    engine = Engine(zoo, limits, metrics, lane_of=lambda name: zoo.procedure(name).lane)
    metrics.watch(lambda: engine.load)
    app = FastAPI(
        title="The Generative Model Family Tree",
        version="0.1.0",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
    )
    folder = Path(settings.input_folder) if settings.input_folder else None
    inputs = Inputs(settings.input_bytes, settings.input_seconds, folder)
    app.state.context = Context(settings, zoo, engine, metrics, inputs, deck, demos)
    app.state.plays = Plays(settings.max_streams, metrics)
    if settings.presenter_key:
        app.state.context.presenter_key = settings.presenter_key
    app.state.rehearsal = Rehearsal(app.state.context)
    app.add_middleware(BodyLimit, limit=settings.max_body)
    app.add_middleware(SameOrigin, public_origin=settings.public_origin)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(Forwarded, trusted=settings.trusted_proxies, root_path=settings.root_path)
    app.add_middleware(HeadAsGet)
    app.add_middleware(DefaultHeaders)
    app.mount("/static", Assets(directory=ROOT / "static"), name="static")
    for module in (health, api, docs, inputs_route, play, status, handout, pages):
        app.include_router(module.router)
    install_error_handlers(app)
    return app

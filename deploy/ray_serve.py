"""The deck past one machine: replicas of the same app behind Ray Serve's proxy.

    python -m deploy.ray_serve --replicas 4 --threads 2

A Play needs no state that replicas would share: its seed and parameters are in its address. What
a replica keeps, it keeps for itself: its queue, its ``/metrics`` and ``/status``, and equal Plays
drawn once. Only the presenter's key is one for all, so it is made before they start.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

# Before ray is imported, which reads these: its use is not reported over the internet, replicas are
# as urgent as any process (its niceness of 15 starves them beside others), and its proxy, without
# which it gives up, may take longer to start than three times 5 s, as on a small or busy machine.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_worker_niceness", "0")
os.environ.setdefault("RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S", "20")

import ray
from ray import serve

from app.announcement import announcement
from app.deck.deckfile import opened
from app.demos.registry import Demos
from app.factory import create_app
from app.machine.listening import ListenError, addresses, listen
from app.machine.terminal import print_anywhere
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from ray.serve import Application

ROOT = Path(__file__).resolve().parent.parent


def build(settings: Settings, replicas: int) -> Application:
    """The deck as a Serve application.

    Args:
        settings: of every replica; ``threads`` cores are reserved for each, one if it is 0.
        replicas: copies of the app, over all machines of the cluster; each machine has the project
            in the same folder.

    A replica takes as many requests as it may hold streams open, and as many more wait in the
    proxy; to the rest it answers 503.
    """
    replicate = serve.deployment(
        name="deck",
        num_replicas=replicas,
        max_ongoing_requests=settings.max_streams,
        max_queued_requests=settings.max_streams,
        ray_actor_options={
            "num_cpus": max(1, settings.threads),
            "runtime_env": {"env_vars": {"PYTHONPATH": str(ROOT)}},
        },
        graceful_shutdown_timeout_s=3,
    )
    deck: Application = replicate(serve.ingress(_builder(settings))()).bind()
    return deck


def _builder(settings: Settings) -> Callable[[], FastAPI]:
    def app() -> FastAPI:
        return create_app(settings)

    return app


def main() -> None:
    """Command line; HOST, PORT and the rest of ``python -m app --help`` hold here too.

    With RAY_ADDRESS set it joins that cluster, else it starts one on this machine.
    """
    parser = argparse.ArgumentParser(prog="python -m deploy.ray_serve", description=main.__doc__)
    parser.add_argument("--replicas", type=int, default=2, help="copies of the app (default 2)")
    parser.add_argument("--threads", type=int, default=1, help="cores of each (default 1)")
    args = parser.parse_args()
    if args.replicas < 1 or args.threads < 1:
        parser.error("--replicas and --threads must be at least 1")
    print_anywhere()
    try:
        given = Settings.from_environment()
        opened(given.deck, Demos())  # so that a fault in it is told here, not by every replica
        with listen(given.host, given.port) as free:  # so that a taken port ends it in words, now
            places = addresses(free)
    except (ValueError, ListenError) as error:
        sys.exit(str(error))
    key = given.presenter_key or secrets.token_urlsafe(9)
    settings = replace(given, threads=args.threads, presenter_key=key)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    alone = {} if "RAY_ADDRESS" in os.environ else {"num_cpus": args.replicas * args.threads + 1}
    ray.init(include_dashboard=False, logging_level=logging.WARNING, **alone)
    port = int(places[0].rpartition(":")[2])  # the free one that was found, if any would do
    serve.start(http_options={"host": settings.host, "port": port})
    serve.run(build(settings, args.replicas))
    print(announcement(places, settings, key), file=sys.stderr, flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        serve.shutdown()
        ray.shutdown()


if __name__ == "__main__":
    main()

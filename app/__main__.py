"""``python -m app``: serve the deck."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from contextlib import suppress

from app.announcement import announcement
from app.machine.listening import ListenError, addresses, listen
from app.machine.terminal import print_anywhere
from app.settings import Settings

WRONG_DECK = 2
"""Exit code where the deck's file cannot be meant, as for a wrong option."""


def arguments() -> argparse.Namespace:
    """The command line's options."""
    lines = [f"  {env:<20} {text} (default: {default})" for env, default, text in Settings.table()]
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Serve the deck. Settings are environment variables:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", help="overrides HOST")
    parser.add_argument("--port", help="overrides PORT")
    parser.add_argument("--device", help="overrides GMFT_DEVICE")
    parser.add_argument("--deck", metavar="FILE", help="overrides GMFT_DECK")
    return parser.parse_args()


def main() -> None:
    """Command line; every option is also an environment variable."""
    print_anywhere()
    args = arguments()
    given = {
        "HOST": args.host,
        "PORT": args.port,
        "GMFT_DEVICE": args.device,
        "GMFT_DECK": args.deck,
    }
    environment = os.environ | {name: text for name, text in given.items() if text is not None}
    try:
        settings = Settings.from_environment(environment)
        listening = listen(settings.host, settings.port)
    except (ValueError, ListenError) as error:
        sys.exit(str(error))
    serve(settings, listening)


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve until told to end; say the addresses as soon as they answer."""
    # After the arguments, so that --help answers at once.
    from app.deck.deckfile import DeckError
    from app.factory import create_app
    from app.server import Server
    from models.runtime.device import DeviceMissingError

    try:
        app = create_app(settings)
    except DeviceMissingError as error:
        sys.exit(f"GMFT_DEVICE: {error}")
    except DeckError as error:
        print(error, file=sys.stderr)
        sys.exit(WRONG_DECK)
    words = announcement(addresses(listening), settings, app.state.context.presenter_key)
    with suppress(KeyboardInterrupt):
        Server(app, words).run([listening])


if __name__ == "__main__":
    main()

"""``python -m app``: serve the deck."""

from __future__ import annotations

import argparse
import sys

from app.settings import Settings


def main() -> None:
    """Command line; every option is also an environment variable."""
    lines = [f"  {env:<18} {text} (default: {default})" for env, default, text in Settings.table()]
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Serve the deck. Settings are environment variables:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", help="overrides HOST")
    parser.add_argument("--port", type=int, help="overrides PORT")
    args = parser.parse_args()
    try:
        settings = Settings.from_environment()
    except ValueError as error:
        sys.exit(str(error))
    # After the arguments, so that --help answers at once.
    from app.factory import create_app
    from app.server import Server

    host, port = args.host or settings.host, args.port or settings.port
    print(f"The deck is at http://{host}:{port}", file=sys.stderr)
    app = create_app(settings)
    key = app.state.context.presenter_key
    print(f"Presenting: http://{host}:{port}/presenter?key={key}", file=sys.stderr)
    Server(app, host, port).run()


if __name__ == "__main__":
    main()

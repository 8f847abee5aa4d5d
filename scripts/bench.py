"""Time what a presenter waits for: the start of the server, and every Play alone.

python -m scripts.bench                           a table on the terminal
python -m scripts.bench --json build/bench.json  and the same as JSON
"""

from __future__ import annotations

import argparse
import json
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.demos.registry import Demos
from models.runtime.hardware import hardware
from scripts.serving import serving, until, warm, warmed

if TYPE_CHECKING:
    from app.demos.demo import Demo

REPEATS = 3


def time_play(address: str, demo: Demo[Any], seed: int) -> tuple[float, float, int]:
    """Seconds to the first frame and to the last, and how many frames came."""
    url = f"{address}/slides/{demo.slide}/play?demo={demo.name}&seed={seed}"
    request = urllib.request.Request(url, headers={"Accept": "text/event-stream"})
    began, first, frames = time.perf_counter(), 0.0, 0
    with urllib.request.urlopen(request, timeout=120) as response:
        for line in response:
            if line == b"\n":
                frames += 1
                first = first or time.perf_counter() - began
    return first, time.perf_counter() - began, frames


def measure_plays(address: str) -> list[dict[str, Any]]:
    """The best of a few runs of every demo, each with another seed."""
    rows: list[dict[str, Any]] = []
    for demo in Demos():
        runs = [time_play(address, demo, seed) for seed in range(REPEATS)]
        first, last, frames = min(r[0] for r in runs), min(r[1] for r in runs), runs[0][2]
        print(f"{demo.slide}  {demo.name:12}{first:8.3f}{last:9.3f}{frames:8}")
        rows.append(
            {
                "slide": demo.slide,
                "play": demo.name,
                "first_frame": round(first, 3),
                "last_frame": round(last, 3),
                "frames": frames,
            }
        )
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    args = parser.parse_args()
    began = time.perf_counter()
    with serving() as address:
        answered = time.perf_counter() - began
        until(lambda: warm(address, "warm"))
        loaded = time.perf_counter() - began
        warmed(address)
        prepared = time.perf_counter() - began
        print(f"{hardware('cpu')}; best of {REPEATS} runs, seconds")
        print(
            f"start to first answer {answered:.2f}, to all models loaded {loaded:.2f}, "
            f"to full speed {prepared:.2f}"
        )
        print(f"   {'Play':12}{'first':>8}{'last':>9}{'frames':>8}")
        plays = measure_plays(address)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        results = {
            "hardware": hardware("cpu"),
            "start": round(answered, 3),
            "loaded": round(loaded, 3),
            "prepared": round(prepared, 3),
            "plays": plays,
        }
        args.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

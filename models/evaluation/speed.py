"""What sixteen faces cost: seconds, network calls, floating-point operations.

python -m models.evaluation.speed
"""

from __future__ import annotations

from typing import Any

from torch.utils.flop_counter import FlopCounterMode

from models.evaluation.cost import measure_cost
from models.runtime.checkpoint import write_card
from models.runtime.hardware import hardware
from models.runtime.timing import best_seconds
from models.runtime.zoo import Zoo

COUNT = 16


def measure_speed(zoo: Zoo, name: str) -> dict[str, Any]:
    """Best of three draws of sixteen faces at the sampler's own defaults, alone on the machine."""
    sampler = zoo.sampler(f"{name}.sample")
    seconds = best_seconds(lambda seed: sampler.run(sampler.request(n=COUNT, seed=seed)))
    plain = Zoo(zoo.folder).sampler(f"{name}.sample")  # torch counts only what torch runs
    with FlopCounterMode(display=False) as counter:
        plain.run(plain.request(n=1))
    return {
        "seconds_16": round(seconds, 4),
        "steps": sampler.start(sampler.request(n=1)).total,
        "gflops_image": round(counter.get_total_flops() / 1e9, 3),
        "hardware": hardware("cpu"),
        "command": "python -m models.evaluation.speed",
    }


def main() -> None:
    """Command line: measure all sampling models and rewrite their cards."""
    zoo = Zoo()
    for procedure in zoo.procedures():
        name, _, action = procedure.partition(".")
        if action != "sample":
            continue
        card = zoo.card(name)
        zoo.prepare(name)
        card["measured"]["speed"] = measure_speed(zoo, name)
        if "step_cost" in card["measured"]:
            card["measured"]["step_cost"] = measure_cost()
        write_card(card, zoo.folder)
        print(name, card["measured"]["speed"])


if __name__ == "__main__":
    main()

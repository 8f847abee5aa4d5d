"""The training loop: time-bounded, resumable, with a progress line, sample sheets and a card."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image
from torch import Tensor

from models.data.pixels import sheet
from models.runtime.checkpoint import Card, save_checkpoint
from models.runtime.hardware import hardware
from models.training.curve import Curve
from models.training.interruption import interruptible, undisturbed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from models.training.recipe import Recipe

SAVE_SECONDS = 120.0
SHEET_SECONDS = 180.0
CONTINUED = ("recipe", "steps", "images", "seconds", "hardware", "command", "curve", "earlier")
"""What the card of a continued training keeps of the one before."""
LASTING = ("stability", "speed", "step_cost")
"""Measured of the architecture and its training, whatever the weights are."""
LENT = ("name", "sha256", "images", "seconds", "command")
"""What a card says of the model that the training began from."""


def save_sheet(images: Tensor, path: Path) -> None:
    """Write images [n, 3, H, W] in [-1, 1] as one PNG grid of eight columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet(images).numpy()).save(path)


class Loop:
    """Train a recipe for some time or some images, counting those of earlier, interrupted runs.

    Args:
        recipe: the model.
        folder: for state and sheets; a ``state.pt`` in it is resumed.
        minutes: total training time; without effect where ``passes`` is given.
        seed: written to the card.
        passes: total number of images to train on, so that two models can be given as many.
        until: moment at which training ends in any case, in seconds since 1970.
        options: of the command line that the card's command has besides.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        minutes: float,
        seed: int,
        passes: int | None = None,
        until: float | None = None,
        options: str = "",
    ) -> None:
        self.options = options
        self.recipe, self.folder, self.minutes, self.seed = recipe, folder, minutes, seed
        self.passes, self.until = passes, until
        self.step, self.images, self.seconds = 0, 0, 0.0
        self.earlier: Card = {}
        self.origin: Card = {}
        self.lasting: Card = {}
        self.curve = Curve()
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "state.pt").exists():
            self._resume()

    def continue_from(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from a shipped checkpoint, unless a run is being resumed.

        The new card adds up steps, images and seconds, and keeps the card before as ``earlier``; of
        what was measured it keeps what does not depend on the weights.

        Raises:
            ValueError: see :meth:`Recipe.adopt`.
        """
        if not self.step:
            self.recipe.adopt(weights, card)
            self.origin = card.get("origin", {})
            self.earlier = {key: card.get(key) for key in CONTINUED}
            measured = card.get("measured", {})
            self.lasting = {key: measured[key] for key in LASTING if key in measured}

    def borrow_from(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from another model's checkpoint as far as it fits, unless a run is being resumed.

        The new card names that model as ``origin``.
        """
        if not self.step:
            taken = self.recipe.borrow(weights)
            self.origin = {key: card[key] for key in LENT} | {"parameters": taken}

    def run(self) -> None:
        """Train to the end, then write sheet, checkpoint and card; interrupted, only the state."""
        with interruptible():
            try:
                self._train()
            except KeyboardInterrupt:
                with undisturbed():
                    self._save()
                raise
        self._save()
        self._sheet()
        self._ship()

    def _train(self) -> None:
        saved = sheeted = last = time.monotonic()
        while self.progress < 1:
            losses = self.recipe.train_step(self.step, self.progress)
            self.step += 1
            self.images += self.recipe.images_per_step
            now = time.monotonic()
            self.seconds, last = self.seconds + now - last, now
            self.curve.add(losses, self.images + self.earlier.get("images", 0), self.progress)
            if self.step % 20 == 0:
                self._report(losses)
            if now - saved > SAVE_SECONDS:
                self._save()
                saved = time.monotonic()
            if now - sheeted > SHEET_SECONDS:
                self._sheet()
                sheeted = last = time.monotonic()

    @property
    def progress(self) -> float:
        """Share of the training that is done, 0 … 1."""
        done = self.images / self.passes if self.passes else self.seconds / (60 * self.minutes)
        if self.until is not None:
            left = max(0.0, self.until - time.time())
            done = max(done, self.seconds / max(self.seconds + left, 1e-9))
        return min(1.0, done)

    def _report(self, losses: dict[str, float]) -> None:
        done = self.progress
        shown = "  ".join(f"{k} {v:.4f}" for k, v in losses.items())
        rate = self.images / max(self.seconds, 1e-9)
        bar = "█" * int(20 * done)
        left = self.seconds / 60 * (1 / max(done, 1e-9) - 1)
        end = "\n" if self.step % 500 == 0 else ""
        line = f"\r{bar:<20} step {self.step}  {shown}  {rate:.0f} img/s  {left:.1f} min left "
        print(line, end=end, file=sys.stderr, flush=True)

    def _sheet(self) -> None:
        save_sheet(self.recipe.sheet(), self.folder / f"sheet-{self.step:06d}.png")

    def _state(self) -> dict[str, Any]:
        recipe = self.recipe
        return {
            "step": self.step,
            "images": self.images,
            "seconds": self.seconds,
            "earlier": self.earlier,
            "origin": self.origin,
            "lasting": self.lasting,
            "curve": self.curve.points,
            "modules": {k: m.state_dict() for k, m in recipe.modules.items()},
            "optimizers": {k: o.state_dict() for k, o in recipe.optimizers.items()},
            "averages": {k: a.module.state_dict() for k, a in recipe.averages.items()},
            "extras": recipe.checkpoint_extras(),
        }

    def _save(self) -> None:
        partial = self.folder / "state.part"
        torch.save(self._state(), partial)
        partial.replace(self.folder / "state.pt")

    def _resume(self) -> None:
        recipe, path = self.recipe, self.folder / "state.pt"
        state = torch.load(path, map_location=recipe.device, weights_only=True)
        self.step, self.images, self.seconds = state["step"], state["images"], state["seconds"]
        self.earlier, self.origin = state["earlier"], state["origin"]
        self.lasting = state["lasting"]
        self.curve = Curve(state["curve"], self.progress)
        for key, value in state["modules"].items():
            recipe.modules[key].load_state_dict(value)
        for key, value in state["optimizers"].items():
            optimizer = recipe.optimizers[key]  # moments are resumed, options are the recipe's
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": value["state"], "param_groups": groups})
        for key, value in state["averages"].items():
            recipe.averages[key].module.load_state_dict(value)
        recipe.resume_extras(state["extras"])
        torch.manual_seed(self.seed + self.step)  # fresh noise after an interruption
        print(f"resumed at step {self.step}, {self.seconds / 60:.1f} minutes in", file=sys.stderr)

    def _ship(self) -> None:
        recipe, earlier = self.recipe, self.earlier
        minutes = self.minutes
        if self.until is not None:
            minutes = min(minutes, round(self.seconds / 60, 2))
        length = f"--passes {self.passes}" if self.passes else f"--minutes {minutes:g}"
        command = f"python -m models.training {recipe.name} {length}"
        if self.seed:
            command += f" --seed {self.seed}"
        command += self.options
        if earlier:
            command = f"{earlier['command']} && {command} --continue"
        elif self.origin:
            command += f" --from {self.origin['name']}"
        card = {
            **recipe.identity(),
            **recipe.describe(),
            "steps": self.step + earlier.get("steps", 0),
            "images": self.images + earlier.get("images", 0),
            "seed": self.seed,
            "seconds": round(self.seconds + earlier.get("seconds", 0)),
            "hardware": hardware(recipe.device),
            "command": command,
            "curve": self.curve.points,
            **({"earlier": earlier} if earlier else {}),
            **({"origin": self.origin} if self.origin else {}),
            "measured": {**self.lasting, **recipe.measure()},
        }
        path = save_checkpoint(recipe.name, recipe.weights(), card, bits=recipe.bits)
        print(f"\n{path} written; measured: {card['measured']}", file=sys.stderr)

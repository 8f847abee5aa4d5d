"""The life of every recipe: it learns, shows, measures, ships and is resumed, on any device."""

from __future__ import annotations

import contextlib
import importlib
import math
import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import torch
from PIL import Image

from models.data.rendering import Portion
from models.runtime import checkpoint
from models.runtime.checkpoint import FOLDER, load_checkpoint, save_checkpoint
from models.runtime.zoo import Zoo
from models.training import loop
from models.training.catalogue import recipes
from models.training.loop import Loop
from tests.models.elsewhere import DEVICE, Elsewhere, Machine
from tests.models.training.few import (
    ARGUMENTS,
    FewFaces,
    FewLandscapes,
    same,
    small,
    use_few_images,
    use_small_networks,
)

if TYPE_CHECKING:
    from pathlib import Path

    from models.training.recipe import Recipe

pytestmark = pytest.mark.slow

RECIPES = recipes()
BUILT = [*ARGUMENTS, "clip"]
"""Models whose small network the zoo can build again, since their card says how."""


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_images(monkeypatch)
    use_small_networks(monkeypatch)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checkpoints are shipped to."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setattr(loop, "save_checkpoint", partial(save_checkpoint, folder=folder))
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the checkpoints that are read."""
    names: set[str] = set()

    def noted(name: str, *where: Path) -> tuple[Mapping[str, torch.Tensor], dict[str, Any]]:
        names.add(name)
        return load_checkpoint(name, *where)

    monkeypatch.setattr(checkpoint, "load_checkpoint", noted)
    return names


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> set[Portion]:
    """Pictures that are read."""
    portions: set[Portion] = set()

    def note(world: str, kind: type[FewFaces | FewLandscapes]) -> None:
        load = kind.__init__

        def noted(few: Any, split: str, count: int, size: int = 64, *how: Any, **as_: Any) -> None:
            portions.add(Portion(world, split, count, size))
            load(few, split, count, size, *how, **as_)

        monkeypatch.setattr(kind, "__init__", noted)

    note("faces", FewFaces)
    note("landscapes", FewLandscapes)
    return portions


def declared(kind: type[Recipe], portion: Portion) -> bool:
    """Whether a recipe says that it reads at least these pictures."""
    return any(
        replace(known, count=portion.count) == portion and known.count >= portion.count
        for known in kind.portions
    )


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_learns_ships_and_is_resumed(
    name: str, tmp_path: Path, shelf: Path, read: set[str], seen: set[Portion]
) -> None:
    kind = RECIPES[name]
    recipe = small(kind)
    before = {key: module.state_dict() for key, module in recipe.modules.items()}
    before = {key: {k: v.clone() for k, v in state.items()} for key, state in before.items()}
    training = Loop(recipe, tmp_path / "run", 1, seed=0, passes=2 * recipe.images_per_step)
    training.run()
    assert training.step == 2
    for key, module in recipe.modules.items():
        assert any(not torch.equal(v, before[key][k]) for k, v in module.state_dict().items())
    weights, card = load_checkpoint(name, shelf)
    assert weights
    assert card["family"] == kind.family
    assert card["architecture"]["name"] == kind.architecture
    assert card["steps"] == 2
    assert card["parameters"] > 0
    assert card["recipe"]["batch"] > 0
    assert finite(card["measured"])
    with Image.open(tmp_path / "run" / "sheet-000002.png") as sheet:
        assert sheet.width % 8 == 0
    assert read <= set(kind.needs), "what a recipe reads it must say that it needs"
    assert all(declared(kind, portion) for portion in seen), "and which pictures"

    again = small(kind, seed=1)
    resumed = Loop(again, tmp_path / "run", 1, seed=0, passes=3 * recipe.images_per_step)
    assert resumed.step == 2
    for key, module in recipe.modules.items():
        assert same(module, again.modules[key])
    resumed.run()
    assert load_checkpoint(name, shelf)[1]["steps"] == 3


def finite(measured: Mapping[str, Any]) -> bool:
    """Whether something was measured, and no number in it is broken."""
    values = [v for v in measured.values() if not isinstance(v, str)]
    nested = [v for v in values if isinstance(v, Mapping)]
    numbers = [v for v in values if isinstance(v, (int, float))]
    return bool(measured) and all(map(math.isfinite, numbers)) and all(map(finite, nested))


@pytest.mark.parametrize("name", BUILT)
def test_what_is_shipped_is_what_the_zoo_builds(name: str, tmp_path: Path, shelf: Path) -> None:
    recipe = small(RECIPES[name])
    Loop(recipe, tmp_path / "run", 1, seed=0, passes=1).run()
    for part in {"clip", "tokenizer", "vae"} - {name}:
        for kind in ("json", "safetensors"):
            shutil.copy(FOLDER / f"{part}.{kind}", shelf)
    network = Zoo(shelf).load(name).network
    shipped = recipe.weights()
    for key, value in network.state_dict().items():
        gap = (value - shipped[key]).abs().max()
        assert gap <= 0.01 * shipped[key].abs().max() + 1e-3, key


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_stays_on_its_device(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is shown, measured and shipped is of the CPU, more than once and in any order."""
    optimizer = importlib.import_module("torch.optim.optimizer")
    monkeypatch.setattr(optimizer, "_get_fused_kernels_supported_devices", lambda: ["cpu", DEVICE])
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    with Machine():
        recipe = small(RECIPES[name], DEVICE)
        for step, progress in enumerate((0.0, 0.5)):
            losses = recipe.train_step(step, progress)
            assert all(map(math.isfinite, losses.values()))
            assert len(recipe.sheet())
            assert finite(recipe.measure())
            assert recipe.describe()["parameters"] > 0
            assert recipe.weights()
    for module in recipe.modules.values():
        for parameter in module.parameters():
            assert isinstance(parameter, Elsewhere)

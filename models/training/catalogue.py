"""Which models can be trained: found in :mod:`models.training.recipes`, ordered by their needs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

from models.training import recipes as package
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType


def recipes(modules: Iterable[ModuleType] | None = None) -> dict[str, type[Recipe]]:
    """Every recipe by the name of its model, each after those it needs.

    Args:
        modules: where to look; by default those of :mod:`models.training.recipes`.

    Raises:
        ValueError: two recipes have one name, one needs a model that none trains, or recipes need
            each other.
    """
    found: dict[str, type[Recipe]] = {}
    for module in _modules() if modules is None else modules:
        for recipe in _defined(module):
            if recipe.name in found:
                raise ValueError(f"two recipes train {recipe.name}")
            found[recipe.name] = recipe
    return {name: found[name] for name in _ordered({n: r.needed() for n, r in found.items()})}


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{module.name}")


def _defined(module: ModuleType) -> Iterator[type[Recipe]]:
    """Recipes of the module itself, not those that it imports."""
    for value in vars(module).values():
        own = inspect.isclass(value) and value.__module__ == module.__name__
        if own and issubclass(value, Recipe) and "name" in vars(value):
            yield value


def _ordered(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    order: list[str] = []

    def add(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"{' needs '.join((*path[path.index(name) :], name))}")
        if name not in needs:
            raise ValueError(f"{path[-1]} needs {name}, which no recipe trains")
        for other in needs[name]:
            add(other, (*path, name))
        if name not in order:
            order.append(name)

    for name in sorted(needs):
        add(name, ())
    return order

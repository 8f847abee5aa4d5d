"""All demos, found in the modules of packages and of the rooms in them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

from app.demos.demo import Demo

PACKAGES = ("app.demos",)
"""Where demos are looked for."""


class Demos:
    """Every :class:`Demo` with a name that a module of the packages defines, one of each.

    Args:
        packages: names of packages, for example ``app.demos``.

    Raises:
        ValueError: two demos of one slide have the same name.
    """

    def __init__(self, packages: Sequence[str] = PACKAGES) -> None:
        found = [kind() for package in packages for kind in _kinds(package)]
        self._demos = sorted(found, key=lambda demo: (demo.slide, demo.order, demo.name))
        self._gone: list[Demo[Any]] = []
        names = [(demo.slide, demo.name) for demo in self._demos]
        for slide, name in names:
            if names.count((slide, name)) > 1:
                raise ValueError(f"slide {slide} has two demos called {name!r}")

    def __iter__(self) -> Iterator[Demo[Any]]:
        """Slide by slide, the default of each first."""
        return iter(self._demos)

    def __len__(self) -> int:
        return len(self._demos)

    def replaced(self, demos: Sequence[Demo[Any]]) -> Demos:
        """Others in their place, in this order; those that are not among them are gone."""
        out = copy(self)
        out._demos = list(demos)
        shown = {(demo.slide, demo.name) for demo in demos}
        out._gone = [demo for demo in self._demos if (demo.slide, demo.name) not in shown]
        return out

    @property
    def all(self) -> list[Demo[Any]]:
        """Also those that are gone, which come last."""
        return [*self._demos, *self._gone]

    def for_slide(self, number: int) -> list[Demo[Any]]:
        """The demos of a slide, the default first."""
        return [demo for demo in self._demos if demo.slide == number]

    def find(self, number: int, name: str | None = None) -> Demo[Any]:
        """A slide's demo by name, its default without one or for one that is gone.

        So links to a Play that a deck leaves out still lead to its slide.

        Raises:
            KeyError: the slide has no demo of that name, or none at all.
        """
        gone = any((demo.slide, demo.name) == (number, name) for demo in self._gone)
        for demo in self.for_slide(number):
            if name is None or demo.name == name or gone:
                return demo
        raise KeyError(name)


def _kinds(package: str) -> Iterator[type[Demo[Any]]]:
    folder = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(folder, f"{package}."):
        members = vars(importlib.import_module(module.name))
        for kind in members.values():
            if _is_demo(kind) and kind.__module__ == members["__name__"]:
                yield kind


def _is_demo(value: object) -> bool:
    is_kind = isinstance(value, type) and issubclass(value, Demo)
    return is_kind and not inspect.isabstract(value) and hasattr(value, "name")

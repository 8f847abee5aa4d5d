"""Which part of the project may import which: read from the source, whatever is installed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent

ALLOWED = {
    "data": set[str](),
    "parts": {"data", "runtime"},
    "runtime": {"data", "parts"},
    "families": {"data", "parts", "runtime"},
    "procedures": {"data", "parts", "runtime", "families"},
    "evaluation": {"data", "parts", "runtime", "families", "procedures"},
    "training": {"data", "parts", "runtime", "families", "procedures", "evaluation"},
}
"""Package of models → the others that it may import."""


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules, and of what is taken from them, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_of_models_imports_only_what_it_rests_on(package: str) -> None:
    allowed = ALLOWED[package] | {package}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(f"models/{package}")
        for name in imported(path)
        if name.split(".")[0] == "models" and name.split(".")[1] not in allowed
    ]
    assert wrong == []


def test_every_package_of_models_has_its_place() -> None:
    packages = {path.parent.name for path in (ROOT / "models").glob("*/__init__.py")}
    assert packages == set(ALLOWED)


@pytest.mark.parametrize("package", ["models", "app"])
def test_nothing_is_imported_from_above(package: str) -> None:
    above = {"models": {"app", "deploy", "scripts", "tests"}, "app": {"deploy", "scripts", "tests"}}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(package)
        for name in imported(path)
        if name.split(".")[0] in above[package]
    ]
    assert wrong == []


def test_models_know_no_web() -> None:
    web = {"fastapi", "starlette", "uvicorn", "httpx", "jinja2", "prometheus_client"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files("models")
        for name in imported(path)
        if name.split(".")[0] in web
    ]
    assert wrong == []


def test_serving_needs_no_training() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for folder in ("app", "deploy")
        for path in files(folder)
        for name in imported(path)
        if name.startswith(("models.training", "models.evaluation"))
    ]
    assert wrong == []

"""What is imported is declared, and what is declared is locked."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("run", "train", "ray", "check", "test")
OURS = {"app", "deploy", "models", "scripts", "tests"}


def declared(*extras: str) -> list[Requirement]:
    """What the server needs, and what the extras add."""
    added = [text for extra in extras for text in PROJECT["optional-dependencies"].get(extra, [])]
    return [Requirement(text) for text in PROJECT["dependencies"] + added]


def pinned(name: str) -> dict[str, set[str]]:
    """Package → versions in a lock."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package), set()).add(version)
    return found


def imported(file: Path) -> set[str]:
    """Names of the packages of others that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("app", []),
        ("models/families", []),
        ("models/parts", []),
        ("models/procedures", []),
        ("models/runtime", []),
        ("models", ["train"]),
        ("deploy", ["ray"]),
        ("scripts", ["train", "check"]),
        ("tests", ["train", "ray", "check", "test"]),
    ],
)
def test_what_a_folder_imports_is_declared(folder: str, extras: list[str]) -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared(*extras)}
    distributions = packages_distributions()
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for file in files:
        for module in imported(file):
            offered = {canonicalize_name(name) for name in distributions.get(module, [module])}
            assert offered & names, f"{file.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_what_the_metadata_asks_for(name: str) -> None:
    versions = pinned(name)
    for requirement in declared("openvino", name):
        if requirement.name != "torch":
            found = versions[canonicalize_name(requirement.name)]
            assert all(requirement.specifier.contains(v) for v in found), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_names_no_host(name: str) -> None:
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in text


def test_every_lock_has_the_versions_that_the_tests_ran() -> None:
    tested = pinned("test")
    assert all(pinned(name).items() <= tested.items() for name in LOCKS)

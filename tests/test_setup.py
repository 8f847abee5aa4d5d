"""The Makefile, the Dockerfile, the package's metadata and the vendored files agree."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VENDOR = ROOT / "static" / "vendor"
MAKE = shutil.which("make") or "make"


def variable(name: str) -> str:
    found = re.search(rf"^{name}\s*\?=\s*(\S+)$", MAKEFILE, re.MULTILINE)
    assert found, name
    return found[1]


def argument(name: str) -> str:
    found = re.search(rf"^ARG {name}=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert found, name
    return found[1]


def make(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run make in the project, optionally with nothing but ``path`` to find programs in."""
    # What an outer make says to its children would make this one print more.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    environment |= {"PATH": str(path)} if path else {}
    return subprocess.run(
        [MAKE, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("name", ["TORCH", "TORCH_INDEX"])
def test_makefile_and_dockerfile_take_the_same_torch(name: str) -> None:
    assert variable(name) == argument(name)


def test_readme_names_the_same_torch() -> None:
    assert f"--extra-index-url {variable('TORCH_INDEX')} {variable('TORCH')}" in README


def test_the_pinned_torch_is_in_the_range_of_the_metadata() -> None:
    requirements = [Requirement(text) for text in PROJECT["dependencies"]]
    torch = next(r for r in requirements if r.name == "torch")
    assert torch.specifier.contains(variable("TORCH").removeprefix("torch=="))


def test_torch_is_installed_by_itself_before_the_rest(tmp_path: Path) -> None:
    planned = make("--dry-run", "run", f"VENV={tmp_path}/venv").stdout
    torch, rest = (planned.index(text) for text in ("torch==", "locks/run.txt"))
    assert torch < rest
    flags = "--no-deps --extra-index-url https://download.pytorch.org/whl/cpu --timeout"
    assert flags in planned
    assert planned.count("--extra-index-url") == 1


@pytest.mark.parametrize("extra", [None, "train", "ray", "test"])
def test_the_lock_pins_what_the_metadata_asks_for(extra: str | None) -> None:
    text = (ROOT / "locks" / f"{extra or 'run'}.txt").read_text(encoding="utf-8")
    pinned: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE):
        pinned.setdefault(canonicalize_name(name), []).append(version)
    wanted = PROJECT["dependencies"] + (PROJECT["optional-dependencies"][extra] if extra else [])
    for requirement in map(Requirement, wanted):
        if requirement.name != "torch":
            versions = pinned[canonicalize_name(requirement.name)]
            assert all(requirement.specifier.contains(v) for v in versions), requirement


@pytest.mark.parametrize("name", ["run", "train", "ray", "test"])
def test_everything_locked_carries_hashes(name: str) -> None:
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_server_runs_what_the_tests_ran() -> None:
    run, test = (
        {
            line.removesuffix(" \\")
            for line in (ROOT / "locks" / name).read_text(encoding="utf-8").splitlines()
            if "==" in line
        }
        for name in ("run.txt", "test.txt")
    )
    assert len(run) > 20
    assert run <= test


@pytest.mark.parametrize("goal", ["run", "test"])
def test_what_is_installed_is_checked_against_its_hash(goal: str, tmp_path: Path) -> None:
    planned = make("--dry-run", goal, f"VENV={tmp_path}/venv").stdout
    assert f"--no-deps --require-hashes -r locks/{goal}.txt" in planned
    assert "--no-deps --require-hashes -r locks/run.txt" in DOCKERFILE


def test_an_emptied_index_is_not_asked(tmp_path: Path) -> None:
    planned = make("--dry-run", "run", "TORCH_INDEX=", f"VENV={tmp_path}/venv").stdout
    assert "torch==" in planned
    assert "--extra-index-url" not in planned


def test_both_start_the_same_server() -> None:
    assert "exec $(PYTHON) -m app" in MAKEFILE
    assert DOCKERFILE.rstrip().endswith('CMD ["python", "-m", "app"]')


def test_host_and_port_reach_the_server(tmp_path: Path) -> None:
    planned = make("--dry-run", "run", "PORT=9123", f"VENV={tmp_path}/venv").stdout
    assert f"HOST=127.0.0.1 PORT=9123 exec {tmp_path}/venv/bin/python -m app" in planned


def test_make_test_runs_every_check_with_pytest_last(tmp_path: Path) -> None:
    planned = make("--dry-run", "test", f"VENV={tmp_path}/venv").stdout.splitlines()
    commands = [line for line in planned if "bin/python -m" in line]
    order = ["-m ruff check", "-m ruff format --check", "-m mypy", "-m pytest"]
    places = [next(i for i, c in enumerate(commands) if text in c) for text in order]
    assert places == sorted(places)
    assert planned[-1].endswith("-m pytest")


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    program(tmp_path, "python3", "exit 1")
    result = make(f"VENV={tmp_path}/venv", "run", path=tmp_path)
    assert result.returncode != 0
    assert "Python 3.11 or newer" in result.stderr


def test_a_missing_browser_is_a_failure_in_words(tmp_path: Path) -> None:
    program(tmp_path, "id", "echo 1000")
    result = make("chromium", path=tmp_path)
    assert result.returncode != 0
    assert "apt-get install chromium" in result.stderr


def test_root_gets_the_browser_installed(tmp_path: Path) -> None:
    program(tmp_path, "id", "echo 0")
    program(tmp_path, "apt-get", 'echo "apt-get $*"')
    result = make("chromium", path=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "install -y -qq --no-install-recommends chromium" in result.stdout


def test_continuous_integration_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert text.startswith("#!/usr/bin/env bash\nset -euo pipefail\n")
    assert "make test" in text


def test_the_container_runs_as_a_user_and_reports_its_health() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user
    assert user[-1] not in ("root", "0")
    assert "/readyz" in DOCKERFILE[DOCKERFILE.index("HEALTHCHECK") :]
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE
    assert "HOST=0.0.0.0" in DOCKERFILE


def test_the_container_holds_everything_the_server_reads() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = " ".join(re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE)).split()
    assert ignored[0] == "*"
    for name in ("app", "models", "templates", "static", "checkpoints", "pyproject.toml"):
        assert name in copied
        assert f"!{name}" in ignored
    for name in copied:
        assert name.startswith(("--", ".")) or (ROOT / name).exists(), name


def test_readme_speaks_of_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)) | {"train-vae"}
    named = set(re.findall(r"^(?:PORT=\d+ )?make ([a-z-]+)", README, re.MULTILINE))
    assert {"run", "test", "train"} <= named <= targets
    for file in re.findall(r"\]\(((?!http)[^)]+)\)", README):
        assert (ROOT / file).exists(), file


def test_vendored_files_are_unaltered() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    files = {str(f.relative_to(VENDOR)) for f in VENDOR.glob("*/*") if f.is_file()}
    assert set(listed) == files
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_everything_vendored_is_credited_with_its_licence() -> None:
    versions = (VENDOR / "README.md").read_text()
    for folder in sorted(f for f in VENDOR.iterdir() if f.is_dir()):
        assert (folder / "LICENSE").is_file()
        assert f"static/vendor/{folder.name}/LICENSE" in NOTICE
        assert re.search(rf"\| `{folder.name}` \|.*\| \d+\.\d+\.\d+ \|", versions)


def test_the_artwork_is_credited_and_its_licence_ships() -> None:
    credit = 'Portraits derived from "Personas" by Draftbit (personas.draftbit.com), CC BY 4.0'
    assert credit in NOTICE
    assert "Changes: recoloured, cropped, tilted" in NOTICE
    licence = ROOT / "models" / "data" / "LICENSE.personas.txt"
    assert "CC BY 4.0" in licence.read_text(encoding="utf-8")


def test_help_lists_the_settings() -> None:
    command = [sys.executable, "-m", "app", "--help"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0
    assert "PORT" in result.stdout
    assert "HOST" in result.stdout

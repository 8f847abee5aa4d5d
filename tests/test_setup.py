"""What the two commands do, how torch is found, and that container and hooks do as they."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import httpx2
import pytest
from packaging.requirements import Requirement

from scripts.serving import server
from tests.support.commands import ROOT, Environment, before, program, run

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
CPU_INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
pytestmark = needs_make


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "venv")


@pytest.fixture
def hardware(tmp_path: Path) -> Path:
    """Programs that answer as on Linux without an NVIDIA driver."""
    program(tmp_path / "bin", "uname", "echo Linux")
    program(tmp_path / "bin", "nvidia-smi", "exit 9")
    return tmp_path / "bin"


def test_make_run_installs_what_is_locked_then_torch_and_serves(
    environment: Environment, hardware: Path
) -> None:
    result = environment.make("run", "PORT=9123", path=before(hardware))
    assert result.returncode == 0, result.stderr
    locked, torch, serve = environment.asked
    assert locked.endswith("install --quiet --no-deps --require-hashes -r locks/run.txt")
    assert re.search(r"install .*torch==", torch)
    assert serve == "-m app"
    assert environment.variables[-1] == "HOST=127.0.0.1 PORT=9123"


def test_what_is_set_up_is_not_set_up_again(environment: Environment, hardware: Path) -> None:
    environment.make("run", path=before(hardware))
    calls = len(environment.asked)
    environment.make("run", path=before(hardware))
    assert environment.asked[calls:] == ["-m app"]


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="there is an NVIDIA driver")
def test_linux_without_a_gpu_asks_the_index_of_cpu_builds(
    environment: Environment, hardware: Path
) -> None:
    environment.make("run", path=before(hardware))
    (call,) = environment.torch
    assert CPU_INDEX in call
    assert "--timeout" in call


@pytest.mark.parametrize(
    ("system", "driver", "arguments"),
    [
        ("Linux", "exit 0", []),
        ("Linux", "exit 9", ["ACCELERATOR=cuda"]),
        ("Linux", "exit 9", ["TORCH_INDEX="]),
        ("Darwin", "exit 9", []),
    ],
)
def test_elsewhere_torch_and_its_libraries_come_from_the_usual_index(
    environment: Environment, hardware: Path, system: str, driver: str, arguments: list[str]
) -> None:
    program(hardware, "uname", f"echo {system}")
    program(hardware, "nvidia-smi", driver)
    environment.make("run", *arguments, path=before(hardware))
    (call,) = environment.torch
    assert "--extra-index-url" not in call
    assert "--no-deps" not in call


def test_a_gpu_may_be_left_alone(environment: Environment, hardware: Path) -> None:
    program(hardware, "nvidia-smi", "exit 0")
    environment.make("run", "ACCELERATOR=cpu", path=before(hardware))
    (call,) = environment.torch
    assert CPU_INDEX in call


def test_another_build_of_torch_takes_the_place_of_the_first(
    environment: Environment, hardware: Path
) -> None:
    for accelerator in ("cpu", "cuda", "cpu"):
        environment.make("run", f"ACCELERATOR={accelerator}", path=before(hardware))
    assert [call.split()[0] for call in environment.torch] == [
        *("install", "uninstall", "install", "uninstall", "install")
    ]


def test_the_torch_of_make_is_that_of_container_and_readme(
    environment: Environment, hardware: Path
) -> None:
    environment.make("run", "ACCELERATOR=cpu", path=before(hardware))
    (call,) = environment.torch
    pin = call.split()[-1]
    assert {pin, CPU_INDEX.split()[1]} <= set(re.findall(r"^ARG \w+=(\S+)$", DOCKERFILE, re.M))
    assert f"{CPU_INDEX} {pin}" in README
    torch = next(r for r in map(Requirement, PROJECT["dependencies"]) if r.name == "torch")
    assert torch.specifier.contains(pin.removeprefix("torch=="))


def test_make_test_runs_every_check_then_pytest(environment: Environment) -> None:
    result = environment.make("test", "ACCELERATOR=cpu")
    assert result.returncode == 0, result.stderr
    checks = [call for call in environment.asked if " pip " not in call]
    order = ["-m ruff check", "-m ruff format --check", "oxlint", "oxfmt --check", "-m mypy"]
    assert [c for c, start in zip(checks, order, strict=False) if c.startswith(start)] == checks[:5]
    assert checks[-2].startswith("-m pytest")
    assert "--cov" in checks[-2]
    assert checks[-1].startswith("-m scripts.branches")


def test_make_check_needs_no_browser_and_leaves_the_slow_tests(environment: Environment) -> None:
    result = environment.make("check", "ACCELERATOR=cpu", "WORKERS=3")
    assert result.returncode == 0, result.stderr
    assert not any("locks/test.txt" in call for call in environment.asked)
    assert environment.asked[-1].startswith("-m pytest --numprocesses 3")
    assert "-m not slow" in environment.asked[-1]


def test_continuous_integration_runs_make_test(tmp_path: Path) -> None:
    program(tmp_path, "make", 'echo "make $*"; exit 7')
    result = run(str(ROOT / ".ci" / "run"), path=before(tmp_path))
    assert result.stdout == "make test\n"
    assert result.returncode == 7


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_commit_is_checked(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    program(tmp_path / "bin", "make", f'echo "make $*" >"{tmp_path}/log"; exit 1')
    variables = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    assert run("git", "init", "--quiet", folder=tmp_path).returncode == 0
    assert run("git", "add", ".pre-commit-config.yaml", folder=tmp_path).returncode == 0
    path = before(tmp_path / "bin")
    command = (sys.executable, "-m", "pre_commit", "run")
    result = run(*command, folder=tmp_path, path=path, **variables)
    assert result.returncode == 1, result.stdout + result.stderr
    assert (tmp_path / "log").read_text(encoding="utf-8") == "make check\n"


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3", "exit 1")
    result = run(
        shutil.which("make") or "make", f"VENV={tmp_path}/venv", "run", path=f"{tmp_path}/bin"
    )
    assert result.returncode != 0
    assert "Python 3.11 or newer" in result.stderr


def browserless(environment: Environment, folder: Path, user: int) -> str:
    """A PATH without a browser, of a user; make finds its environment set up."""
    environment.make("lint", "ACCELERATOR=cpu")
    for stamp in (".torch-cpu", ".run", ".test"):
        (environment.folder / stamp).touch()
    program(folder, "id", f"echo {user}")
    for name in ("sh", "uname", "rm", "touch"):
        (folder / name).symlink_to(shutil.which(name) or "")
    return str(folder)


def test_a_user_gets_playwrights_browser(environment: Environment, tmp_path: Path) -> None:
    path = browserless(environment, tmp_path / "programs", 1000)
    result = environment.make("chromium", "ACCELERATOR=cpu", path=path)
    assert result.returncode == 0, result.stderr
    assert environment.asked[-1] == "-m playwright install chromium"


def test_a_missing_browser_is_a_failure_in_words(environment: Environment, tmp_path: Path) -> None:
    path = browserless(environment, tmp_path / "programs", 1000)
    program(environment.folder / "bin", "python", "exit 1")
    result = environment.make("chromium", "ACCELERATOR=cpu", path=path)
    assert result.returncode != 0
    assert "apt-get install chromium" in result.stderr


def test_root_gets_the_browser_installed(environment: Environment, tmp_path: Path) -> None:
    path = browserless(environment, tmp_path / "programs", 0)
    program(tmp_path / "programs", "apt-get", 'echo "apt-get $*"')
    result = environment.make("chromium", "ACCELERATOR=cpu", path=path)
    assert result.returncode == 0, result.stderr
    assert "install -y -qq --no-install-recommends chromium" in result.stdout


@pytest.mark.slow
def test_the_container_holds_everything_the_server_reads_and_knows_its_health(
    tmp_path: Path,
) -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = " ".join(re.findall(r"^COPY (?:--\S+ )?(.+) \S+$", DOCKERFILE, re.M)).split()
    for name in copied:
        assert f"!{name.split('/')[0]}" in allowed, name
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(ROOT / name)
    health = DOCKERFILE[DOCKERFILE.index("HEALTHCHECK") :]
    _, *check = json.loads(next(iter(re.findall(r"^    CMD (\[.+\])$", health, re.M))))
    with server({"GMFT_WARM_UP": "no"}, folder=tmp_path) as running:
        play = f"{running.address}/slides/1/play?demo=reconstruct"
        assert "<img" in httpx2.get(play, timeout=60).raise_for_status().text
        port = running.address.rpartition(":")[2]
        assert run(sys.executable, *check, PORT=port).returncode == 0
    assert run(sys.executable, *check, PORT=port).returncode != 0


def test_readme_and_docs_speak_of_make_targets_and_files_that_exist(tmp_path: Path) -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for target in set(re.findall(r"(?:^|`)(?:[A-Z]+=\S+ )?make ([a-z-]+)", text, re.M)):
            result = run("make", "--dry-run", target, f"VENV={tmp_path}")
            assert result.returncode == 0, (page.name, target, result.stderr)
        for file in re.findall(r"\]\(((?!http|#)[^)#]+)", text):
            assert (page.parent / file).exists(), (page.name, file)


def test_help_lists_the_settings() -> None:
    result = run(sys.executable, "-m", "app", "--help")
    assert result.returncode == 0
    assert {"PORT", "HOST"} <= set(re.findall(r"\w+", result.stdout))
    assert os.access(ROOT / ".ci" / "run", os.X_OK)

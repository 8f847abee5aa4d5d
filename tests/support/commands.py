"""Run make and other programs with chosen programs in place of the real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make") or "make"
# Set by an outer make or by git's hooks, these would change what the inner program does; the rest
# are the variables of the Makefile that a person may have set.
_INHERITED = ("MAKE", "MFLAGS", "GIT_", "COV_CORE", "TORCH", "ACCELERATOR", "VENV", "HOST", "PORT")


def run(
    *command: str, folder: Path = ROOT, path: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, which must come within a minute.

    Args:
        folder: where it runs.
        path: the PATH it sees.
        variables: set in its environment.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_INHERITED)}
    environment: Mapping[str, str] = kept | ({} if path is None else {"PATH": path}) | variables
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def program(folder: Path, name: str, script: str) -> None:
    """Write an executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def before(folder: Path) -> str:
    """The PATH of this process, with the programs of a folder before all others."""
    return os.pathsep.join([str(folder), os.environ["PATH"]])


class Environment:
    """A virtual environment whose Python only notes what it is asked to do.

    Attributes:
        folder: of the environment.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "log"
        program(
            folder / "bin",
            "python",
            f'echo "$*" >>"{self._log}"; echo "HOST=$HOST PORT=$PORT" >>"{self._log}.variables"',
        )
        for tool in ("oxlint", "oxfmt"):
            program(folder / "bin", tool, f'echo "{tool} $*" >>"{self._log}"')

    def make(self, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run make with this environment."""
        return run(MAKE, *arguments, f"VENV={self.folder}", path=path)

    @property
    def asked(self) -> list[str]:
        """Arguments of every call, in order."""
        return self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []

    @property
    def variables(self) -> list[str]:
        """HOST and PORT at every call."""
        return Path(f"{self._log}.variables").read_text(encoding="utf-8").splitlines()

    @property
    def torch(self) -> list[str]:
        """The calls that install or remove torch, without what all calls of pip share."""
        calls = [a.partition("--disable-pip-version-check ")[2] for a in self.asked]
        return [c for c in calls if "torch" in c.split(" -r ")[0]]

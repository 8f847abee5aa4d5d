"""What was taken from others is unaltered and comes with its licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
VENDOR = ROOT / "static" / "vendor"


def test_vendored_files_are_unaltered() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    files = {f.relative_to(VENDOR).as_posix() for f in VENDOR.glob("*/*") if f.is_file()}
    assert set(listed) == files
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_everything_vendored_is_credited_with_its_licence() -> None:
    versions = (VENDOR / "README.md").read_text(encoding="utf-8")
    for folder in sorted(f for f in VENDOR.iterdir() if f.is_dir()):
        assert (folder / "LICENSE").is_file()
        assert f"static/vendor/{folder.name}/LICENSE" in NOTICE
        assert re.search(rf"\| `{folder.name}` \|.*\| \d+\.\d+\.\d+ \|", versions)


def test_every_licence_that_the_notice_names_ships() -> None:
    named = re.findall(r"\b[\w./-]*LICENSE[\w.]*", NOTICE)
    assert "models/data/LICENSE.personas.txt" in named
    for file in named:
        assert (ROOT / file).is_file(), file

"""Splits rendered into files: once, in parallel, resumed, with maps."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.data import faces
from models.data.landscapes import __main__ as landscapes
from models.data.landscapes.attributes import Attributes
from models.data.landscapes.composition import compose
from models.data.landscapes.drawing import depth, edges, render
from models.data.landscapes.world import LANDSCAPES
from models.data.rendering import files, render_split

if TYPE_CHECKING:
    from pathlib import Path


def check(folder: Path, count: int) -> None:
    """The folder holds the first landscapes of ``combo``, and nothing half-written."""
    images = np.load(folder / "combo-64.npy")
    indices = np.load(folder / "combo-64-attributes.npy")
    assert len(images) == len(indices) == count
    for i in range(count):
        scene = compose("combo", i)
        assert np.array_equal(images[i], render(scene))
        assert Attributes.from_indices(indices[i].tolist()) == scene.attributes
    assert list(folder.glob("*.part.npy")) == []


def test_a_split_is_rendered_once_with_its_attributes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render_split(LANDSCAPES, tmp_path, "combo", 3, 64, workers=1) == tmp_path
    assert "3/3" in capsys.readouterr().err
    check(tmp_path, 3)
    render_split(LANDSCAPES, tmp_path, "combo", 3, 64, workers=1)
    assert capsys.readouterr().err == ""


def test_what_is_there_is_kept_and_the_rest_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    render_split(LANDSCAPES, tmp_path, "combo", 2, 64, workers=1)
    capsys.readouterr()
    render_split(LANDSCAPES, tmp_path, "combo", 5, 64, workers=1)
    assert "3/3" in capsys.readouterr().err
    check(tmp_path, 5)


def test_maps_lie_beside_the_pictures(tmp_path: Path) -> None:
    render_split(LANDSCAPES, tmp_path, "combo", 2, 64, workers=1)
    assert not (tmp_path / "combo-64-depth.npy").exists()
    render_split(LANDSCAPES, tmp_path, "combo", 3, 64, workers=1, maps=True)
    check(tmp_path, 3)
    for name, draw in (("depth", depth), ("edges", edges)):
        rows = np.load(files(tmp_path, "combo", 64, LANDSCAPES.maps)[name])
        assert np.array_equal(rows, [draw(compose("combo", i)) for i in range(3)])


RENDERING = """
import sys, time
from pathlib import Path
import numpy as np
from models.data import rendering
from models.data.landscapes.world import LANDSCAPES

out, me, other, count = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
save, saved = np.save, []

def together(path, rows):
    save(path, rows)
    saved.append(path)
    (out / f"{me}-{len(saved)}.saved").touch()
    deadline = time.monotonic() + 60
    while not (out / f"{other}-{len(saved)}.saved").exists():
        assert time.monotonic() < deadline, "the other process saved nothing"
        time.sleep(0.01)

rendering.np.save = together
rendering.render_split(LANDSCAPES, out, "combo", count, 64, workers=1)
"""
"""Renders, and goes on after each file it wrote only when the other has written as many."""


def test_two_processes_may_render_into_one_folder(tmp_path: Path) -> None:
    pairs = (("a", "b", "3"), ("b", "a", "5"))
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RENDERING, str(tmp_path), *arguments],
            stderr=subprocess.PIPE,
            text=True,
        )
        for arguments in pairs
    ]
    try:
        for process in both:
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
    finally:
        for process in both:
            process.kill()
            process.communicate()
    check(tmp_path, 5)


def test_a_shorter_rendering_leaves_a_longer_one(tmp_path: Path) -> None:
    render_split(LANDSCAPES, tmp_path, "combo", 3, 64, workers=1)
    (tmp_path / "combo-64.npy").unlink()
    render_split(LANDSCAPES, tmp_path, "combo", 2, 64, workers=1)
    assert len(np.load(tmp_path / "combo-64-attributes.npy")) == 3
    assert len(np.load(tmp_path / "combo-64.npy")) == 2


@pytest.mark.parametrize("world", [faces.FACES, LANDSCAPES], ids=lambda world: world.name)
@pytest.mark.parametrize(("count", "size"), [(0, 64), (2001, 64), (1, 65)])
def test_limits_of_a_split(tmp_path: Path, world, count: int, size: int) -> None:
    with pytest.raises(ValueError, match=rf"2000 {world.name}|size must be"):
        render_split(world, tmp_path, "combo", count, size)


@pytest.mark.parametrize("program", [faces, landscapes], ids=["faces", "landscapes"])
def test_the_command_line_refuses_what_a_split_does_not_hold(
    program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["render", str(tmp_path), "--split", "combo", "--count", "2001"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as stopped:
        program.main()
    assert stopped.value.code == 2
    assert "has 2000" in capsys.readouterr().err


def test_the_command_line_writes_maps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--split", "combo", "--count", "1", "--size", "128", "--maps", "--workers", "1"]
    monkeypatch.setattr(sys, "argv", ["landscapes", str(tmp_path), *arguments])
    landscapes.main()
    assert "1/1" in capsys.readouterr().err
    assert np.load(tmp_path / "combo-128-edges.npy").shape == (1, 128, 128)

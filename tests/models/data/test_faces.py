"""Faces are a function of (seed, split, index) alone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.data.attributes import SPLITS, Attributes
from models.data.faces import compose, main, render, render_split

if TYPE_CHECKING:
    from pathlib import Path


def test_a_face_is_determined_by_seed_split_and_index() -> None:
    assert compose("train", 7) == compose("train", 7)
    different = [compose("train", 8), compose("test", 7), compose("train", 7, seed=1)]
    assert all(face != compose("train", 7) for face in different)


def test_rendering_is_deterministic_and_in_colour() -> None:
    face = compose("train", 7)
    image = render(face)
    assert image.shape == (64, 64, 3)
    assert image.dtype == np.uint8
    assert np.array_equal(image, render(face))
    assert image.std(axis=(0, 1)).min() > 10
    assert (image.max(axis=2).astype(int) - image.min(axis=2)).max() > 40


def test_128_pixels_show_the_same_face() -> None:
    face = compose("train", 7)
    large = render(face, 128).reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    assert np.abs(large - render(face)).mean() < 3


def test_the_background_has_its_colour() -> None:
    indices = [i for i in range(200) if compose("train", i).attributes.background == "blue"]
    corner = np.mean([render(compose("train", i))[2, 2] for i in indices[:8]], axis=0)
    assert corner == pytest.approx([0x9F, 0xD8, 0xF7], abs=14)


@pytest.mark.parametrize("index", [-1, SPLITS["combo"]])
def test_an_index_outside_the_split_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match="combo"):
        compose("combo", index)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(KeyError, match="holiday"):
        compose("holiday", 0)


def test_a_missing_renderer_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(RuntimeError, match="pip install"):
        render(compose("train", 0))


def test_a_split_is_rendered_once_with_its_attributes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    render_split(tmp_path, "combo", 3, 64, workers=1)
    assert "3/3" in capsys.readouterr().err
    images = np.load(tmp_path / "combo-64.npy")
    indices = np.load(tmp_path / "combo-64-attributes.npy")
    for i in range(3):
        face = compose("combo", i)
        assert np.array_equal(images[i], render(face))
        assert Attributes.from_indices(indices[i].tolist()) == face.attributes
    render_split(tmp_path, "combo", 3, 64, workers=1)
    assert capsys.readouterr().err == ""


RENDERING = """
import sys, time
from pathlib import Path
import numpy as np
from models.data import faces

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

faces.np.save = together
faces.render_split(out, "combo", count, 64, workers=1)
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
    images = np.load(tmp_path / "combo-64.npy")
    indices = np.load(tmp_path / "combo-64-attributes.npy")
    assert len(images) == len(indices) == 5
    for i in range(5):
        assert np.array_equal(images[i], render(compose("combo", i)))
        assert indices[i].tolist() == compose("combo", i).attributes.indices()
    assert list(tmp_path.glob("*.part.npy")) == []


def test_a_shorter_rendering_leaves_a_longer_one(tmp_path: Path) -> None:
    render_split(tmp_path, "combo", 3, 64, workers=1)
    (tmp_path / "combo-64.npy").unlink()
    render_split(tmp_path, "combo", 2, 64, workers=1)
    assert len(np.load(tmp_path / "combo-64-attributes.npy")) == 3
    assert len(np.load(tmp_path / "combo-64.npy")) == 2


@pytest.mark.parametrize(("count", "size"), [(0, 64), (2001, 64), (1, 65)])
def test_limits_of_a_split(tmp_path: Path, count: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"2000 faces|size must be"):
        render_split(tmp_path, "combo", count, size)


def test_the_command_line_refuses_what_a_split_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["faces", str(tmp_path), "--split", "combo", "--count", "2001"]
    )
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "2000 faces" in capsys.readouterr().err

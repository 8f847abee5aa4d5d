"""The film of a training: what it keeps, how it ends, and how it goes on."""

from __future__ import annotations

import pytest
import torch

from models.training.film import MOMENTS, POINTS, Film, Reel


def generator(value: float) -> dict[str, torch.Tensor]:
    return {"weight": torch.full((2,), value)}


def filmed(film: Film, steps: int = 400) -> Film:
    """A training of so many steps of ten images, whose loss is its progress."""
    for step in range(steps):
        progress = step / steps
        film.record({"loss": progress}, 10 * step, progress)
        if film.due(progress):
            film.keep(generator(progress), 10 * step)
    return film


def test_snapshots_are_kept_at_their_moments() -> None:
    film = filmed(Film())
    taken = [snapshot["weight"][0].item() for snapshot in film.reel.snapshots]
    assert taken == pytest.approx(MOMENTS[:-1], abs=1 / 400)
    assert [moment["passes"] / 4000 for moment in film.reel.moments] == pytest.approx(
        MOMENTS[:-1], abs=1 / 400
    )
    assert film.reel.snapshots[0]["weight"].dtype == torch.float16


def test_a_snapshot_is_a_copy() -> None:
    film, weights = Film(), generator(1.0)
    film.record({"loss": 0.0}, 0, 0.0)
    film.keep(weights, 0)
    weights["weight"].fill_(7)
    assert film.reel.snapshots[0]["weight"].tolist() == [1, 1]


def test_the_curve_has_its_points_and_running_means() -> None:
    film = filmed(Film())
    assert len(film.reel.curve) == pytest.approx(POINTS, abs=1)
    losses = [point["loss"] for point in film.reel.curve]
    assert losses == sorted(losses)
    assert losses[-1] < 1 - 10 / 400  # a mean lags behind


def test_ending_adds_the_last_snapshot_and_keeps_nothing() -> None:
    film = filmed(Film())
    end = film.ended(generator(9.0))
    assert [s["weight"][0].item() for s in end.snapshots[-2:]] == pytest.approx([0.65, 9], abs=1e-2)
    assert len(end.snapshots) == len(end.moments) == len(MOMENTS)
    assert end.moments[-1] == film.reel.curve[-1]
    assert len(film.reel.snapshots) == len(MOMENTS) - 1


def test_a_film_without_a_step_has_no_end() -> None:
    with pytest.raises(ValueError, match="a step of training"):
        Film().ended(generator(0.0))


def shipped(film: Film) -> tuple[dict[str, torch.Tensor], Reel]:
    end = film.ended(generator(9.0))
    weights = {f"snapshots.{i}.weight": s["weight"] for i, s in enumerate(end.snapshots)}
    return weights, end


def test_a_continued_film_keeps_all_but_the_end() -> None:
    weights, end = shipped(filmed(Film()))
    film = Film.continuing(weights, {"moments": end.moments, "curve": end.curve})
    assert film.start == end.moments[-1]["passes"]
    later = filmed(film).ended(generator(5.0))
    assert len(later.snapshots) == len(later.moments) == len(MOMENTS)
    assert later.moments[:-1] == end.moments[:-1]
    assert later.snapshots[-1]["weight"].tolist() == [5, 5]
    assert later.curve[: len(end.curve)] == end.curve
    assert later.moments[-1] == film.reel.curve[-1]
    passes = [point["passes"] for point in later.curve]
    assert passes == sorted(passes)
    assert passes[-1] > film.start + 3900


def test_a_film_is_resumed_as_it_was() -> None:
    weights, end = shipped(filmed(Film()))
    film = Film.continuing(weights, {"moments": end.moments, "curve": end.curve})
    for original in (filmed(Film(), 50), filmed(film, 50)):
        again = Film.resumed(original.state())
        assert again.known.moments == original.known.moments
        assert again.known.curve == original.known.curve
        assert (again.start, again.means) == (original.start, original.means)
        assert (again.earlier is None) == (original.earlier is None)
        assert len(again.known.snapshots) == len(original.known.snapshots)


def test_what_is_saved_does_not_grow_with_the_film() -> None:
    film = filmed(Film(), 50)
    state = film.state()
    points = len(state["reel"]["curve"])
    resumed = Film.resumed(state)
    filmed(resumed, 400)
    assert len(film.reel.curve) == points

"""The times of the day differ by the colours of sky and land."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.data.landscapes.attributes import TIMES, WEATHERS, Attributes
from models.data.landscapes.light import Light, light_of, mix, rgb

PLAIN = Attributes("day", "hills", "meadow", "none", "none", "clear")


def light(time: str, weather: str = "clear", seed: int = 0) -> Light:
    return light_of(replace(PLAIN, time=time, weather=weather), np.random.default_rng(seed))


def test_colours_are_read_and_mixed() -> None:
    assert rgb("ff8000") == (255, 128, 0)
    assert mix((0, 100, 200), (100, 100, 0), 0.25) == (25, 100, 150)


@pytest.mark.parametrize("weather", WEATHERS)
def test_each_time_has_skies_of_its_own_in_any_weather(weather: str) -> None:
    skies = {
        time: np.array([
            (*light(time, weather, seed).top, *light(time, weather, seed).horizon)
            for seed in range(8)
        ])
        for time in TIMES
    }  # fmt: skip
    for time, sky in skies.items():
        within = np.linalg.norm(sky - sky.mean(axis=0), axis=1).max()
        for other in set(TIMES) - {time}:
            gap = np.linalg.norm(sky[:, None] - skies[other][None], axis=2).min()
            assert gap > 1.5 * within, (time, other)


@pytest.mark.parametrize("weather", WEATHERS)
def test_a_sunset_is_darker_and_redder_than_a_sunrise(weather: str) -> None:
    rise, down = light("sunrise", weather), light("sunset", weather)
    assert sum(rise.top) > sum(down.top) + 100
    assert down.middle[0] - down.middle[2] > rise.middle[0] - rise.middle[2] + 30
    white = down.lit("ffffff")
    assert white[0] > white[2] + 40
    assert sum(rise.lit("ffffff")) > sum(white)


def test_lamps_burn_when_it_is_dark() -> None:
    assert [light(time).dark for time in TIMES] == [False, False, True, True]


def test_fog_takes_the_contrast_from_what_is_far() -> None:
    def contrast(weather: str, share: float) -> float:
        seen = light("day", weather)
        return abs(seen.far("ffffff", share)[0] - seen.far("000000", share)[0])

    assert contrast("fog", 0.3) < 0.75 * contrast("clear", 0.3)
    assert contrast("fog", 0.5) < contrast("fog", 0.1)

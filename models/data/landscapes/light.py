"""Colours, and how each time of the day and each weather changes them.

The four times differ by colour alone, even where no sun shows: sunrise is a pale blue over pink to
lemon and everything is light; day is blue to nearly white; sunset is violet over crimson to a deep
orange, with the land darkened and reddened; night is navy, and the land dark and blue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.data.landscapes.attributes import PRECIPITATION, Attributes

if TYPE_CHECKING:
    import numpy as np

Color = tuple[float, float, float]
"""Red, green, blue, 0 … 255."""

_SKIES = {  # top, middle and horizon; a picture lies anywhere between two of its time
    "sunrise": (("86b0ea", "f6c3cf", "fff2b4"), ("a3a9ea", "fbc9b8", "fff6c6")),
    "day": (("2f7fdc", "7dbdf2", "d8eefb"), ("58a8f0", "9fd4f7", "ecf7fc")),
    "sunset": (("3a2868", "c23c62", "ff9c38"), ("54306e", "dc5048", "ffb040")),
    "night": (("070d2b", "15224f", "2c4583"), ("0d1538", "1f2860", "3f4f90")),
}
_SHINE = {
    "sunrise": (1.0, 0.93, 0.89),
    "day": (1.0, 1.0, 1.0),
    "sunset": (0.93, 0.69, 0.67),
    "night": (0.32, 0.41, 0.70),
}
_SUN = {"sunrise": "fff6d0", "day": "fff3b0", "sunset": "ffe27a", "night": "f6f2dc"}


def rgb(color: str) -> Color:
    """Six hexadecimal digits as a colour."""
    return int(color[:2], 16), int(color[2:4], 16), int(color[4:], 16)


def mix(a: Color, b: Color, share: float) -> Color:
    """``a`` with a share, 0 … 1, of ``b``."""
    keep = 1 - share
    return (
        a[0] * keep + b[0] * share,
        a[1] * keep + b[1] * share,
        a[2] * keep + b[2] * share,
    )


@dataclass(frozen=True)
class Light:
    """Colours of the sky and of what is lit.

    Attributes:
        top, middle, horizon: of the sky.
        sun: of sun or moon.
        shine: what a white surface sends back, each 0 … 1.
        dark: whether lamps and windows are on.
        side: x of sun or moon; what faces it is bright.
        fog: colour of fog.
        dim: 0 … 1, how much fog lies over the land.
    """

    top: Color
    middle: Color
    horizon: Color
    sun: Color
    shine: Color
    dark: bool
    side: float
    fog: Color
    dim: float = 0.0

    def lit(self, color: str | Color, shade: float = 1.0) -> Color:
        """The colour of a surface in this light; ``shade`` under 1 darkens, above 1 brightens."""
        r, g, b = rgb(color) if isinstance(color, str) else color
        out = r * self.shine[0] * shade, g * self.shine[1] * shade, b * self.shine[2] * shade
        return min(out[0], 255.0), min(out[1], 255.0), min(out[2], 255.0)

    def far(self, color: str | Color, share: float, shade: float = 1.0) -> Color:
        """As :meth:`lit`, seen through a share of air, and of fog where there is any."""
        seen = mix(self.lit(color, shade), self.horizon, share)
        return mix(seen, self.fog, self.dim * min(1.0, 0.35 + share))

    def brighter(self) -> Light:
        """The light of objects near by, which stand out from the ground when it is dark."""
        r, g, b = self.shine
        gain = 1.3 if self.dark else 1.0
        return replace(self, shine=(min(1.0, r * gain), min(1.0, g * gain), min(1.0, b * gain)))


def light_of(a: Attributes, rng: np.random.Generator) -> Light:
    """The light of one picture."""
    first, second = _SKIES[a.time]
    share = rng.random()
    top, middle, horizon = (mix(rgb(x), rgb(y), share) for x, y in zip(first, second, strict=True))
    shine = _SHINE[a.time]
    r, g, b = shine
    lift = 1.35 if a.time == "night" else 1.0
    fog = mix(horizon, (232 * r * lift, 236 * g * lift, 242 * b * lift), 0.68)
    dim = 0.0
    if a.weather == "fog":
        top, middle, horizon = mix(top, fog, 0.4), mix(middle, fog, 0.62), mix(horizon, fog, 0.82)
        dim = 0.62
    if a.weather in PRECIPITATION:
        gray = rgb("8b97a8") if a.weather == "rain" else rgb("c3ccd8")
        veil = (gray[0] * r, gray[1] * g, gray[2] * b)
        top, middle, horizon = (
            mix(top, veil, 0.6),
            mix(middle, veil, 0.5),
            mix(horizon, veil, 0.4),
        )
        shine = (r * 0.86, g * 0.88, b * 0.92)
    side = 18 + 92 * rng.random()
    dark = a.time in ("night", "sunset")
    return Light(top, middle, horizon, rgb(_SUN[a.time]), shine, dark, side, fog, dim)

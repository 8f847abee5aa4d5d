"""Slide 1: a plane through the latent space, of which any point can be decoded."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result
from app.demos.kit import (
    Bar,
    Bars,
    Column,
    Formula,
    Line,
    Listing,
    Machine,
    Path,
    Photo,
    Picture,
    Plane,
    Point,
    Row,
    Scene,
    Symbol,
    sub,
)
from app.demos.kit.charts.plane import Place
from app.demos.parameters import Parameters, exponent_of, face, slider_of
from app.demos.vae.code import REBUILT, Z
from models.families.vae import VAE
from models.parts.projection import plane_through
from models.procedures.vae_plane import CORNERS, PlaneParameters, VAEPlane
from models.runtime.sampler import View

LETTERS = "ABC"
OTHERS = (12, 21, 33, 47, 58, 64, 79, 90, 113)
"""Faces of the gallery that are shown where the plane comes nearest to their codes."""
LARGE, SMALL = 0.16, 0.09
"""Sides of the pictures in the plane."""
NEAREST = 3


class MapParameters(Parameters):
    """A point, the faces that span its plane, and the beta of encoder and decoder."""

    x: float = slider_of(PlaneParameters, "x", "Across", step=0.01)
    y: float = slider_of(PlaneParameters, "y", "Up", step=0.01)
    a: int = face(5, "Face A")
    b: int = face(9, "Face B")
    c: int = face(30, "Face C")
    log_beta: float = exponent_of(PlaneParameters, "beta", "β", default=0.0)


class Map(Demo[MapParameters]):
    """A plane through the codes of three faces."""

    name, slide, order, family = "map", 1, 5, "vae"
    models = ("vae",)
    parameters = MapParameters
    seeded = False
    foremost = "x y"
    quick = True

    async def frames(self, context: Context, p: MapParameters) -> AsyncGenerator[Frame, None]:
        """The plane with the faces in it, and its point decoded."""
        numbers = shown(p)
        asked = Result(
            context, "vae.plane", images=faces(numbers), x=p.x, y=p.y, beta=10**p.log_beta
        )
        note = "The point of the plane, decoded."
        async with aclosing(asked.frames(note, 1, self.outline(context, p))) as frames:
            async for frame in frames:
                yield frame
        scene = _scene(p, numbers, asked.end.view)
        yield Frame(note, 1, 1, asked.end.seconds, True, scene=scene)

    def outline(self, context: Context, p: MapParameters) -> Scene:
        """An empty plane."""
        return _scene(p, shown(p))

    def formula(self, p: MapParameters) -> Formula:
        """The point by its shares of three codes, decoded."""
        share = {c: Symbol(f"share_{c}", sub("w", c), f"share of face {c}") for c in LETTERS}
        mean = {c: Symbol(f"mu_{c}", sub("μ", c), f"code of face {c}") for c in LETTERS}
        a, b, c = ((share[letter], mean[letter]) for letter in LETTERS)
        return Formula(
            Line(Z, "=", *a, "+", *b, at="shown"),
            Line("+", *c, at="shown"),
            Line(a[0].bare, "+", b[0].bare, "+", c[0].bare, "=", "1", at="shown"),
            Line(REBUILT, "=", "Decoder", "(", Z, ")", at="shown"),
            source="Distances in the plane are those of the 128 dimensions. The small faces lie "
            "beside the plane: they stand where it comes nearest to their codes.",
        )

    def listings(self, p: MapParameters) -> Sequence[Listing]:
        """The plane, its point, the decoder."""
        return (
            Listing(plane_through, {"shown": ("aside = aside -", "return")}),
            Listing(VAEPlane.point_of, {"shown": ("return",)}),
            Listing(VAE.decode, {"shown": ("out",)}),
        )


def shown(p: MapParameters) -> list[int]:
    """The faces of the map: those that span it, then others."""
    corners = [p.a, p.b, p.c]
    return corners + [i for i in OTHERS if i not in corners]


def _scene(p: MapParameters, numbers: Sequence[int], view: View | None = None) -> Scene:
    extras = view.extras if view else {}
    plane = _plane(p, numbers, extras["places"] if view else None)
    made = Picture(
        view.images if view else None, "The decoded point", "the point, decoded", name="rebuilt",
        grow=14, result=True,
    )  # fmt: skip
    root = Row(
        (
            plane,
            Machine("decoder", "Decoder", grow=1, name="rebuilt", lit=view is not None),
            Column(
                (made, _shares(extras["shares"] if view else None)),
                turns=True,
                grow=10,
                result=True,
            ),
        ),
    )
    values = {"z": f"{p.x:.2f}, {p.y:.2f}"} if view else {}
    if view:
        values |= {
            f"share_{c}": f"{w:.2f}"
            for c, w in zip(LETTERS, extras["shares"].tolist(), strict=True)
        }
    return Scene(root, _told(p, numbers, view), "shown" if view else "", values)


def _plane(p: MapParameters, numbers: Sequence[int], places: Tensor | None) -> Plane:
    """The triangle of the corners, pictures at their places, and the point."""
    label = "the plane through A, B and C"
    if places is None:
        alt = "A plane, still empty."
        return Plane((), 1.0, alt, label, name="z", grow=13)
    every: list[Place] = [(x, y) for x, y in places.tolist()]
    corners = every[:CORNERS]
    images = faces(list(numbers))
    photos = [Photo(at, images[i], SMALL, faint=True) for i, at in free(every)] + [
        Photo(at, images[i], LARGE, LETTERS[i], f"mu_{LETTERS[i]}") for i, at in enumerate(corners)
    ]
    alt = "Faces A, B and C at the corners of a triangle, others in it, and a point."
    return Plane(
        (Path([*corners, corners[0]]), *photos, Point((p.x, p.y), "", "z")), 1.0, alt,
        f"{label}: drag the point", name="z", grow=13, handle="x y",
    )  # fmt: skip


def free(places: Sequence[Place]) -> list[tuple[int, Place]]:
    """Of the faces that span no plane those whose pictures have room in it, with their places."""
    taken = [(at, (LARGE + SMALL) / 2) for at in places[:CORNERS]]
    found = []
    for i, at in enumerate(places[CORNERS:], CORNERS):
        inside = max(map(abs, at)) <= 1 - SMALL
        if inside and all(_apart(at, other) > 2 * gap for other, gap in taken):
            taken.append((at, SMALL))
            found.append((i, at))
    return found


def _apart(a: Place, b: Place) -> float:
    """How far two places are from one another along the axis in which that is more."""
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]))


def _shares(shares: Tensor | None) -> Bars:
    """How much of each corner the point is."""
    values = [None] * CORNERS if shares is None else shares.tolist()
    bars = [
        Bar(c, value, "" if value is None else f"{value:.2f}".replace("-", "−"), f"share_{c}")
        for c, value in zip(LETTERS, values, strict=True)
    ]
    return Bars("Shares of the three codes in z", bars, grow=4)


def _told(p: MapParameters, numbers: Sequence[int], view: View | None) -> str:
    if view is None:
        return "A plane, a decoder and a place for what is decoded, all empty."
    near = view.extras["distances"].argsort()[:NEAREST].tolist()
    names = [
        f"face {LETTERS[i]}, number {numbers[i]} of the gallery"
        if i < CORNERS
        else f"face {numbers[i]} of the gallery"
        for i in near
    ]
    return (
        f"A point of the plane through the codes of three faces, {p.x:.2f} across and {p.y:.2f} up "
        f"from their middle, decoded to a face. Nearest to it are {'; '.join(names)}."
    )

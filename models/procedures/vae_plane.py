"""A plane of the VAE's latent space through the codes of three faces, and a point of it decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Interval
from torch import Tensor

from models.parts.projection import plane_through, shares
from models.procedures.weighted import SHAPE, WeightedParameters, betas
from models.runtime.errors import OutOfRangeError
from models.runtime.precision import fast
from models.runtime.sampler import Input, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.families.vae import VAE

CORNERS = 3
MARGIN = 1.3
"""Side of a map over that of the smallest square around the faces that span it."""

Coordinate = Annotated[float, Interval(ge=-1, le=1)]
"""Of a place in a map, from its left or lower edge to the other one."""


@dataclass(frozen=True)
class PlaneParameters(WeightedParameters):
    """Of a place in a plane of the latent space.

    Attributes:
        x, y: the place; 0, 0 is the middle of the square that holds the faces that span the plane.
    """

    x: Coordinate = 0.0
    y: Coordinate = 0.0


@dataclass
class Crossing(State):
    """Images to encode, and the point of their plane that is decoded."""

    originals: Tensor
    mu: Tensor | None = None
    point: Tensor | None = None
    image: Tensor | None = None

    @property
    def n(self) -> int:
        """All images are encoded, one point is decoded."""
        return 1 if self.step else len(self.originals)

    @property
    def key(self) -> int:
        """Encoding and decoding are batched apart."""
        return self.step


class VAEPlane(Sampler[Crossing, PlaneParameters]):
    """A point of the plane through the codes of the first three of given images, decoded.

    What is shown of it is a square :data:`MARGIN` times as wide as the three need.
    """

    parameters = PlaneParameters
    takes = ("images",)
    max_n = 32

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    @property
    def inputs(self) -> dict[str, Input]:
        """Three that span the plane, and others that are shown in it."""
        return {"images": Input(SHAPE)}

    def start(self, request: Request[PlaneParameters]) -> Crossing:
        """Take the images as they are.

        Raises:
            OutOfRangeError: fewer than three.
        """
        images = self.given(request, "images")
        if request.n < CORNERS:
            raise OutOfRangeError("n", low=CORNERS, high=self.max_n, value=request.n)
        return Crossing(request, 0, 2, images)

    def step(self, states: Sequence[Crossing]) -> None:
        """Encode, then decode the points."""
        if states[0].step == 0:
            mu, _ = self.vae.encode(torch.cat([s.originals for s in states]), betas(states))
            deal(states, mu=mu)
        else:
            points = torch.stack([self.point_of(state) for state in states])
            images = fast(self.vae.decode, points, betas(states)).clamp(-1, 1)
            deal(states, point=points, image=images)

    @staticmethod
    def _window(mu: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The middle of the map [d], its axes [2, d], and from the one how far it reaches."""
        middle, axes = plane_through(mu[:CORNERS])
        flat = (mu[:CORNERS] - middle) @ axes.T
        low, high = flat.amin(0), flat.amax(0)
        return middle + (low + high) / 2 @ axes, axes, MARGIN * (high - low).max() / 2

    def point_of(self, state: Crossing) -> Tensor:
        """The chosen point of the latent space, [d]."""
        assert state.mu is not None
        middle, axes, reach = self._window(state.mu)
        p = state.request.parameters
        return middle + reach * torch.tensor([p.x, p.y]) @ axes

    def preview(self, state: Crossing) -> View:
        """The decoded point; places of all images in the plane, and how far it is from them.

        ``places`` [n, 2] are in the units of x and y, ``distances`` [n] and ``off`` [n] of the
        codes from the point and from the plane in those of the space.
        """
        if state.mu is None or state.point is None or state.image is None:
            return View(torch.zeros_like(state.originals[:1]))
        middle, axes, reach = self._window(state.mu)
        flat = (state.mu - middle) @ axes.T
        places = flat / reach.clamp(min=1e-9)
        p = state.request.parameters
        extras = {
            "mu": state.mu,
            "z": state.point,
            "places": places,
            "shares": shares(places[:CORNERS], torch.tensor([p.x, p.y])),
            "distances": (state.mu - state.point).norm(dim=1),
            "off": (state.mu - middle - flat @ axes).norm(dim=1),
        }
        return View(state.image, extras)

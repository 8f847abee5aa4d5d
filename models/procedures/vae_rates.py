"""What codes cost and what is lost, at every beta: the VAE's curve of rate and distortion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.vae import BETAS, VAE, reparameterize
from models.parts.losses import gaussian_kl, rmse
from models.procedures.weighted import SHAPE, WeightedParameters
from models.runtime.precision import fast
from models.runtime.randomness import noise
from models.runtime.sampler import Input, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class RatesParameters(WeightedParameters):
    """Of the curve of rate and distortion.

    Attributes:
        points: betas on it, log-spaced over all that the network knows.
    """

    points: Annotated[int, Interval(ge=2, le=33)] = 13


@dataclass
class Rates(State):
    """Images on their way through the bottleneck at one beta and, below that, at many.

    Attributes:
        originals, betas, epsilon: [n · (points + 1), …], the request's own beta first.
    """

    originals: Tensor
    betas: Tensor
    epsilon: Tensor
    mu: Tensor | None = None
    logvar: Tensor | None = None
    images: Tensor | None = None

    @property
    def n(self) -> int:
        """Every image has a row for every beta."""
        return len(self.originals)

    @property
    def key(self) -> int:
        """Encoding and decoding are batched apart."""
        return self.step


class VAERates(Sampler[Rates, RatesParameters]):
    """Given images: what their codes cost and what is lost, at one beta and along the whole curve.

    A rate is the KL of the code in nats, a distortion the root mean square error in 1/255 of what
    is decoded from a sample of it, with the same noise at every beta (Alemi et al., "Fixing a
    Broken ELBO", 2018).
    """

    parameters = RatesParameters
    takes = ("images",)
    max_n = 8

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    @property
    def inputs(self) -> dict[str, Input]:
        """What is encoded."""
        return {"images": Input(SHAPE)}

    def start(self, request: Request[RatesParameters]) -> Rates:
        """Every image once for every beta, and its noise from the seed."""
        p, images = request.parameters, self.given(request, "images")
        low, high = map(math.log10, BETAS)
        curve = torch.logspace(low, high, p.points)
        each = torch.cat([torch.tensor([p.beta]), curve]).repeat_interleave(request.n)
        epsilon = noise(request, self.vae.latent)
        turns = p.points + 1
        return Rates(request, 0, 2, images.repeat(turns, 1, 1, 1), each, epsilon.repeat(turns, 1))

    def step(self, states: Sequence[Rates]) -> None:
        """Encode, then decode a sample."""
        each = torch.cat([state.betas for state in states])
        if states[0].step == 0:
            mu, logvar = self.vae.encode(torch.cat([s.originals for s in states]), each)
            deal(states, mu=mu, logvar=logvar)
        else:
            mu = torch.cat([s.mu for s in states if s.mu is not None])
            logvar = torch.cat([s.logvar for s in states if s.logvar is not None])
            z = reparameterize(mu, logvar, torch.cat([s.epsilon for s in states]))
            deal(states, images=fast(self.vae.decode, z, each).clamp(-1, 1))

    def preview(self, state: Rates) -> View:
        """The images rebuilt at the request's beta; rates and distortions when all are there."""
        n = state.request.n
        blank = torch.zeros_like(state.originals[:n])
        if state.mu is None or state.logvar is None or state.images is None:
            return View(blank, {"originals": state.originals[:n]})
        nats = gaussian_kl(state.mu, state.logvar)
        rates = nats.sum(1).view(-1, n).mean(1)
        errors = rmse(state.images, state.originals).square().view(-1, n).mean(1).sqrt()
        extras = {
            "originals": state.originals[:n],
            "nats": nats[:n].mean(0),
            "rate": float(rates[0]),
            "rmse": float(errors[0]),
            "betas": state.betas[n::n],
            "rates": rates[1:],
            "distortions": errors[1:],
        }
        return View(state.images[:n], extras)

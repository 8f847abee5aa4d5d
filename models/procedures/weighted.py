"""What all procedures of the VAE share: the weight beta of the KL term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Interval

from models.families.vae import BETAS
from models.runtime.parameters import Parameters
from models.runtime.sampler import State, per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

SHAPE = (3, 64, 64)

Beta = Annotated[float, Interval(ge=BETAS[0], le=BETAS[1])]
"""Weight of the KL term for which the network acts; 1 is the bound itself."""


@dataclass(frozen=True)
class WeightedParameters(Parameters):
    """Of all procedures.

    Attributes:
        beta: see :data:`Beta`.
    """

    beta: Beta = 1.0


def betas(states: Sequence[State]) -> Tensor:
    """Every row's beta, one state below the other: [sum of n]."""
    return per_row(states, (state.request.parameters.beta for state in states))

"""Flow matching (Lipman et al., 2022; rectified flow, Liu et al., 2022; Stable Diffusion 3, Flux).

The network and the faces are those of :mod:`models.families.diffusion`, the paths from image to
noise straight, x_t = (1 - t) x0 + t ε: their velocity ε - x0 does not change on the way.
Generating is solving dx/dt = v(x, t) from 1 to 0; the straighter the learned paths, the fewer
steps it takes. As there, the network predicts x0 and the velocity follows from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from models.families.diffusion import Network


class StraightPath:
    """x_t = (1 - t) x0 + t ε for times t in [0, 1], 1 is pure noise."""

    def alpha_sigma(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """1 - t and t as [n, 1, 1, 1]."""
        t = t.float()[:, None, None, None]
        return 1 - t, t

    def add_noise(self, x0: Tensor, epsilon: Tensor, t: Tensor) -> Tensor:
        """The point at time t of the path from x0 to ε."""
        alpha, sigma = self.alpha_sigma(t)
        return alpha * x0 + sigma * epsilon

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """dx/dt at x, if the path began at x0: (x - x0) / t, for t > 0."""
        return (x - x0) / t.float()[:, None, None, None]


def euler_step(path: StraightPath, x: Tensor, x0: Tensor, t: Tensor, s: Tensor) -> Tensor:
    """Follow the velocity from t to s < t in a straight line; at s = 0 that is x0 itself."""
    return x + (s - t)[:, None, None, None] * path.velocity(x, x0, t)


def straight_loss(net: Network, x0: Tensor, epsilon: Tensor, t: Tensor) -> Tensor:
    """Mean squared error of the velocity that the predicted image implies, t at least 1/20.

    dx/dt at x_t is (x_t - x0) / t, so its error is that of the image over t (Li & He, 2025).

    Args:
        net: predicts x0.
        x0: clean images [n, C, H, W].
        epsilon: standard normal noise of the same shape.
        t: times [n] in [0, 1].
    """
    predicted = net(StraightPath().add_noise(x0, epsilon, t), t).float()
    return ((predicted - x0) / t.clamp(min=0.05)[:, None, None, None]).square().mean()

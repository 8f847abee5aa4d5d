"""Many dimensions looked at in two: by principal components, in a plane through three points."""

from __future__ import annotations

import torch
from torch import Tensor


def principal_plane(rows: Tensor) -> tuple[Tensor, float]:
    """The plane in which rows differ most, and how much of their variance it holds (Pearson, 1901).

    Equal rows give equal points. The plane's axes have a sign: what lies farthest along one lies
    on its positive side.

    Args:
        rows: [n, d], n at least 1, d at least 2.

    Returns:
        Points [n, 2] around the mean of the rows, and a share in 0 … 1; 1 where all rows agree.
    """
    centred = (rows - rows.mean(0)).double().cpu()
    left, scales, _ = torch.linalg.svd(centred, full_matrices=False)
    points = torch.zeros(len(rows), 2, dtype=torch.double)
    points[:, : len(scales)] = (left * scales)[:, :2]
    farthest = points.gather(0, points.abs().argmax(0, keepdim=True))
    variance = scales.square()
    total = variance.sum()
    share = float(variance[:2].sum() / total) if total > 0 else 1.0
    return (points * torch.where(farthest < 0, -1.0, 1.0)).float(), share


def plane_through(corners: Tensor) -> tuple[Tensor, Tensor]:
    """The plane that holds three points, by Gram and Schmidt.

    Lengths in it are those of the space. Its first axis leads from the first point to the second,
    its second axis to the side of the third; points on one line leave an axis of zeros.

    Args:
        corners: [3, d].

    Returns:
        The middle of the points [d], and both axes, of length 1 and at right angles [2, d].
    """
    along, aside = corners[1] - corners[0], corners[2] - corners[0]
    along = along / along.norm().clamp(min=1e-9)
    aside = aside - (aside @ along) * along
    aside = aside / aside.norm().clamp(min=1e-9)
    return corners.mean(0), torch.stack([along, aside])


def shares(corners: Tensor, place: Tensor) -> Tensor:
    """How much of each corner a place in their plane is: weights [3] whose sum is 1.

    Args:
        corners: places of the three corners, [3, 2].
        place: [2].
    """
    system = torch.cat([corners, torch.ones(3, 1)], dim=1).T
    found: Tensor = torch.linalg.pinv(system) @ torch.cat([place, torch.ones(1)])
    return found

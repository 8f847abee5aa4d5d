"""Many dimensions looked at in two: principal components (Pearson, 1901)."""

from __future__ import annotations

import torch
from torch import Tensor


def principal_plane(rows: Tensor) -> tuple[Tensor, float]:
    """The plane in which rows differ most, and how much of their variance it holds.

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

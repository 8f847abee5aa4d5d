"""Planes through many dimensions: the one that shows most, and the one through three points."""

from __future__ import annotations

import pytest
import torch

from models.parts.projection import plane_through, principal_plane, shares


def test_points_that_lie_in_a_plane_keep_their_distances() -> None:
    flat = torch.randn(9, 2)
    frame = torch.linalg.qr(torch.randn(7, 2))[0]
    points, share = principal_plane(flat @ frame.T + 3)
    assert share == pytest.approx(1)
    assert torch.allclose(torch.cdist(points, points), torch.cdist(flat, flat), atol=1e-4)


def test_the_share_is_that_of_the_two_largest_variances() -> None:
    rows = torch.randn(200, 5) * torch.tensor([1.0, 4.0, 2.0, 0.5, 3.0])
    points, share = principal_plane(rows)
    variances = torch.linalg.eigvalsh(torch.cov(rows.T))
    assert share == pytest.approx(float(variances[-2:].sum() / variances.sum()), abs=1e-4)
    assert torch.allclose(points.var(0), variances[-2:].flip(0), rtol=1e-3)


def test_the_sign_is_fixed_by_what_lies_farthest() -> None:
    rows = torch.randn(6, 4)
    points, _ = principal_plane(rows)
    mirrored, _ = principal_plane(-rows)
    farthest = points.abs().argmax(0)
    assert (points[farthest, [0, 1]] > 0).all()
    assert torch.allclose(mirrored[farthest, [0, 1]], points[farthest, [0, 1]])
    assert torch.equal(principal_plane(rows)[0], points)


@pytest.mark.parametrize(("rows", "share"), [(1, 1.0), (2, 1.0)])
def test_few_rows_have_a_plane_too(rows: int, share: float) -> None:
    points, found = principal_plane(torch.randn(rows, 8))
    assert points.shape == (rows, 2)
    assert found == pytest.approx(share)


def test_equal_rows_are_one_point() -> None:
    points, share = principal_plane(torch.ones(5, 3))
    assert torch.equal(points, torch.zeros(5, 2))
    assert share == 1


def test_a_plane_through_three_points_keeps_their_distances() -> None:
    corners = torch.randn(3, 9)
    middle, axes = plane_through(corners)
    assert torch.allclose(axes @ axes.T, torch.eye(2), atol=1e-5)
    flat = (corners - middle) @ axes.T
    assert torch.allclose(middle + flat @ axes, corners, atol=1e-5)
    assert torch.allclose(torch.cdist(flat, flat), torch.cdist(corners, corners), atol=1e-4)
    assert flat[0, 1] == pytest.approx(flat[1, 1].item(), abs=1e-5)  # the first side is level
    assert flat[2, 1] > flat[0, 1]


@pytest.mark.parametrize("corners", [torch.ones(3, 4), torch.arange(3.0)[:, None] * torch.ones(4)])
def test_points_on_one_line_leave_an_axis_of_zeros(corners: torch.Tensor) -> None:
    _, axes = plane_through(corners)
    assert axes.isfinite().all()
    assert axes[1].norm() < 1e-3


def test_shares_add_up_to_one_and_lead_back_to_the_place() -> None:
    corners = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [0.0, 1.0]])
    for place in (torch.tensor([0.2, 0.3]), torch.tensor([-2.0, 0.5])):
        found = shares(corners, place)
        assert found.sum().item() == pytest.approx(1, abs=1e-5)
        assert torch.allclose(found @ corners, place, atol=1e-5)
    assert torch.allclose(shares(corners, corners[2]), torch.tensor([0.0, 0.0, 1.0]), atol=1e-5)

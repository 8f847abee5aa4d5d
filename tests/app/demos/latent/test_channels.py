"""A latent's channels as pictures."""

from __future__ import annotations

import torch

from app.demos.latent.channels import channels


def test_a_latent_is_four_pictures_of_its_signs() -> None:
    latent = torch.zeros(1, 4, 2, 2)
    latent[0, 1] = 3
    latent[0, 2] = -3
    shown = channels(latent)
    assert shown is not None
    assert shown.shape == (4, 3, 2, 2)
    assert (shown[1, 0] > shown[1, 2]).all()  # red
    assert (shown[2, 2] > shown[2, 0]).all()  # blue
    assert torch.equal(shown[0], shown[3])

"""The stand-in for a second device refuses what a GPU refuses, and computes what a CPU computes."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from tests.models.elsewhere import DEVICE, Elsewhere, Machine


def test_tensors_of_two_devices_cannot_meet() -> None:
    with Machine():
        there, here = torch.ones(2, device=DEVICE), torch.ones(2)
        with pytest.raises(RuntimeError, match="same device"):
            there + here
        assert isinstance(there + there, Elsewhere)
        assert (there + there).device.type == DEVICE
        assert isinstance(there + 1, Elsewhere)
        assert torch.equal((there + here.to(DEVICE)).cpu(), torch.full((2,), 2.0))


def test_a_network_is_sent_trained_and_copied_back() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.SiLU(), nn.Linear(4, 1))
    twin = copy.deepcopy(net)
    x = torch.randn(8, 3)
    with Machine():
        net.to(DEVICE)
        for network, inputs in ((net, x.to(DEVICE)), (twin, x)):
            optimizer = torch.optim.SGD(network.parameters(), 0.1)
            for _ in range(3):
                optimizer.zero_grad()
                network(inputs).square().mean().backward()
                optimizer.step()
        back = copy.deepcopy(net).cpu()
        with pytest.raises(RuntimeError, match="same device"):
            net(x)
    assert all(isinstance(p, Elsewhere) for p in net.parameters())
    for own, expected in zip(back.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(own, expected)


def test_indices_may_come_from_the_cpu() -> None:
    with Machine():
        there = torch.arange(5, device=DEVICE)
        assert there[torch.tensor([3, 1])].cpu().tolist() == [3, 1]

"""What recipes share: averages, rates and losses."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.training.recipe import EMA, count_parameters, prefixed, set_rate


def test_the_average_forgets_its_start_then_follows_slowly() -> None:
    module = nn.Linear(1, 1)
    average = EMA(module, decay=0.9)
    nn.init.constant_(module.weight, 1.0)
    nn.init.constant_(average.module.get_parameter("weight"), 0.0)
    average.update(module, 0)
    assert average.module.get_parameter("weight").item() == pytest.approx(1 - 1 / 10)
    before = average.module.get_parameter("weight").item()
    average.update(module, 10_000)
    assert average.module.get_parameter("weight").item() == pytest.approx(before * 0.9 + 0.1)
    assert not average.module.get_parameter("weight").requires_grad


def test_buffers_are_copied_not_averaged() -> None:
    module = nn.BatchNorm1d(2)
    average = EMA(module)
    assert module.running_mean is not None
    module.running_mean.fill_(7.0)
    average.update(module, 0)
    assert average.module.get_buffer("running_mean").tolist() == [7, 7]


def rate(progress: float, step: int) -> float:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    set_rate(optimizer, 2.0, progress, step)
    return float(optimizer.param_groups[0]["lr"])


def test_the_rate_warms_up_holds_and_falls() -> None:
    assert rate(0.0, 0) == pytest.approx(2 / 200)
    assert rate(0.1, 99) == pytest.approx(1.0)
    assert rate(0.5, 500) == rate(0.3, 300) == 2.0
    assert rate(0.8, 800) == pytest.approx(2 * (1 - 0.95 / 2))
    assert rate(1.0, 1000) == pytest.approx(0.1)


def test_weights_are_named_by_module_and_counted() -> None:
    module = nn.Linear(3, 2)
    assert set(prefixed("d", module)) == {"d.weight", "d.bias"}
    assert count_parameters(module, module) == 16

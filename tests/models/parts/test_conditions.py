"""Named tensors that a network is given."""

from __future__ import annotations

import pytest
import torch

from models.parts.conditions import Conditions


def prompts(n: int) -> Conditions:
    return Conditions(tokens=torch.randn(n, 5, 3), mask=torch.rand(n, 5) < 0.5)


def test_tensors_are_told_by_name_in_the_order_of_names() -> None:
    given = prompts(2)
    assert given.names == ("mask", "tokens")
    assert given.tensors[0] is given["mask"]
    assert given.tensors[1] is given["tokens"]
    assert len(given) == 2
    with pytest.raises(KeyError):
        given["pooled"]


def test_rows_must_agree() -> None:
    with pytest.raises(ValueError, match="different rows"):
        Conditions(label=torch.zeros(2), mask=torch.zeros(3, 5))
    with pytest.raises(ValueError, match="different rows"):
        Conditions()


def test_some_are_replaced_or_added_in_a_copy() -> None:
    given, tokens, edges = prompts(2), torch.zeros(2, 5, 7), torch.ones(2, 96, 16, 16)
    other = given.having(tokens=tokens, edges=edges)
    assert other.names == ("edges", "mask", "tokens")
    assert other["tokens"] is tokens
    assert other["mask"] is given["mask"]
    assert given.names == ("mask", "tokens")


def test_rows_are_chosen_repeated_and_concatenated() -> None:
    one, two = prompts(1), prompts(2)
    both = Conditions.concatenate([one.repeat(3), two])
    assert len(both) == 5
    for name in one.names:
        assert torch.equal(both[name][2], one[name][0])
        assert torch.equal(both.rows(slice(3, 5))[name], two[name])
        assert torch.equal(both.rows(torch.tensor([4, 0]))[name][0], two[name][1])
    assert one.repeat(3)["tokens"].data_ptr() == one["tokens"].data_ptr()

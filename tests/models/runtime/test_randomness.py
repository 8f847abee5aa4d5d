"""Streams of random numbers do not meet."""

from __future__ import annotations

import itertools

import pytest
import torch

from models.runtime.randomness import Stream, generator


def drawn(seed: int, row: int, stream: Stream) -> torch.Tensor:
    return torch.randn(4, generator=generator(seed, row, stream))


def test_the_same_numbers_give_the_same_stream() -> None:
    assert torch.equal(drawn(7, 3, Stream.START), drawn(7, 3, Stream.START))


def test_a_stream_is_the_same_on_every_machine() -> None:
    """Kept figures: whoever changes the hash changes every picture that a link draws."""
    seeds = [generator(0, 0, Stream.START), generator(7, 3, Stream.CHOICES)]
    assert [one.initial_seed() for one in seeds] == [2_968_811_710, 3_804_076_424]


def test_no_sum_of_seed_and_row_makes_streams_equal() -> None:
    """As 1,000,003 a row, 7 for steps and 13 for maps did."""
    for step in (1, 7, 13, 1_000_003):
        assert not torch.equal(drawn(step, 0, Stream.START), drawn(0, 1, Stream.START))
        assert not torch.equal(drawn(step, 0, Stream.START), drawn(0, 0, Stream.STEPS))


def test_neighbouring_streams_are_all_different() -> None:
    triples = itertools.product(range(40), range(16), Stream)
    seeds = [generator(*triple).initial_seed() for triple in triples]
    assert len(set(seeds)) == len(seeds) == 40 * 16 * len(Stream)


def test_seeds_are_spread_over_all_of_their_bits() -> None:
    seeds = [generator(seed, 0, Stream.START).initial_seed() for seed in range(2000)]
    for bit in range(32):
        share = sum(seed >> bit & 1 for seed in seeds) / len(seeds)
        assert share == pytest.approx(0.5, abs=0.06)


def test_neighbouring_streams_are_uncorrelated() -> None:
    rows = torch.stack(
        [torch.randn(4000, generator=generator(1, row, Stream.START)) for row in range(8)]
    )
    others = torch.corrcoef(rows) - torch.eye(8)
    assert others.abs().max() < 0.08


@pytest.mark.parametrize(("seed", "row"), [(-1, 0), (0, -1)])
def test_there_is_no_stream_below_zero(seed: int, row: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        generator(seed, row, Stream.START)

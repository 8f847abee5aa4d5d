"""Streams of random numbers."""

from __future__ import annotations

import torch

from models.runtime.parameters import MAX_SEED, Parameters
from models.runtime.randomness import generator, noise, pick, uniforms
from models.runtime.sampler import Request


def asked(n: int = 1, seed: int = 0) -> Request[Parameters]:
    return Request(Parameters(), n, seed)


def test_no_seed_row_or_stream_repeats_another_s_numbers() -> None:
    seeds = [0, 1, 6, 7, 13, 14, 255, 256, 1_000_003, 1_000_010, MAX_SEED - 1, MAX_SEED]
    streams = ["noise", "uniforms", "ancestral", "dequantization"]
    begun = {
        int(torch.randint(2**62, (1,), generator=generator(seed, row, stream)))
        for seed in seeds
        for row in range(256)
        for stream in streams
    }
    assert len(begun) == len(seeds) * 256 * len(streams)


def test_a_stream_is_the_same_whenever_it_is_asked_for() -> None:
    first, again = (torch.rand(5, generator=generator(3, 2, "noise")) for _ in range(2))
    assert torch.equal(first, again)


def test_streams_are_uncorrelated() -> None:
    rows = torch.cat(
        [noise(asked(4, seed), 4000, stream=s) for seed in (5, 6) for s in ("noise", "other")]
    )
    assert (torch.corrcoef(rows) - torch.eye(len(rows))).abs().max() < 0.08


def test_noise_rows_depend_on_seed_and_row_alone() -> None:
    many = noise(asked(5, 3), 3, 4)
    assert many.shape == (5, 3, 4)
    assert torch.equal(noise(asked(2, 3), 3, 4), many[:2])
    assert len({float(row.sum()) for row in many}) == 5
    assert not torch.equal(noise(asked(5, 4), 3, 4), many)


def test_uniform_rows_depend_on_seed_and_row_alone() -> None:
    many = uniforms(asked(5, 3), 40)
    assert many.shape == (5, 40)
    assert ((many >= 0) & (many < 1)).all()
    assert torch.equal(uniforms(asked(2, 3), 40), many[:2])
    assert not torch.equal(many[0], many[1])


def test_an_index_is_picked_where_the_cumulative_sum_passes_the_number() -> None:
    chances = torch.tensor([[0.2, 0.0, 0.5, 0.3]]).expand(5, -1)
    points = torch.tensor([0.0, 0.19, 0.21, 0.69, 0.999])
    assert pick(chances, points).tolist() == [0, 0, 2, 2, 3]
    assert pick(torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([0.0])).tolist() == [1]


def test_noise_is_standard_normal() -> None:
    values = noise(asked(100, 1), 1000)
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02

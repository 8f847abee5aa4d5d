"""A judge's procedure says what its network says."""

from __future__ import annotations

import torch

from models.parts.judge import Judge
from models.procedures.judge import JudgeReading
from tests.models.tiny import pictures, randomized, together


def test_it_reads_as_the_network_does() -> None:
    judge = randomized(Judge(width=8, classes=(3, 2)))
    images, sampler = pictures(5), JudgeReading(judge)
    view = sampler.run(sampler.request(images=images))
    with torch.inference_mode():
        assert torch.equal(view.extras["classes"], judge.read(images))
        assert torch.allclose(view.extras["features"], judge.features(images))
    requests = [sampler.request(images=images[:2]), sampler.request(images=images[2:])]
    parts = together(sampler, requests)
    assert torch.equal(torch.cat([p.extras["classes"] for p in parts]), view.extras["classes"])


def test_before_its_step_it_has_read_nothing() -> None:
    sampler = JudgeReading(randomized(Judge(width=8, classes=(3, 2))))
    state = sampler.start(sampler.request(images=pictures(2)))
    assert not sampler.preview(state).extras["features"].any()
    assert sampler.preview(state).extras["classes"].shape == (2, 2)

"""Choosing codes, the gradient around the choice, and how three codebooks learn."""

from __future__ import annotations

import pytest
import torch

from models.families.vq_vae import (
    COMMITMENT,
    DECAY,
    PATIENCE,
    QUANTIZERS,
    SPREAD,
    VQVAE,
    AverageQuantizer,
    PlainQuantizer,
    SimQuantizer,
    moved_averages,
    nearest,
    perplexity,
    straight_through,
    usage,
    vq_loss,
)
from tests.models.tiny import pictures

each_quantizer = pytest.mark.parametrize("kind", QUANTIZERS)


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tiny(kind: str = "plain") -> VQVAE:
    torch.manual_seed(0)
    return VQVAE(kind, widths=(8, 8), codes=32)


def test_the_nearest_code_is_nearest() -> None:
    z, codes = numbers(2, 5, 4), numbers(7, 4, seed=1)
    distances = (z[:, :, None] - codes).square().sum(-1)
    assert torch.equal(nearest(z, codes), distances.argmin(-1))


def test_a_code_is_its_own_nearest() -> None:
    codes = numbers(50, 16)
    assert torch.equal(nearest(codes, codes), torch.arange(50))


def test_straight_through_gives_the_code_and_hands_its_gradient_on() -> None:
    z, codes = numbers(3, 4).requires_grad_(), numbers(3, 4, seed=1).requires_grad_()
    out = straight_through(z, codes)
    assert torch.allclose(out, codes)
    pull = numbers(3, 4, seed=2)
    (out * pull).sum().backward()
    assert z.grad is not None
    assert torch.equal(z.grad, pull)
    assert codes.grad is None


def test_perplexity_is_how_many_codes_are_used_equally() -> None:
    assert perplexity(torch.tensor([5, 5, 0, 5, 5])) == pytest.approx(4)
    assert perplexity(torch.tensor([9, 0, 0])) == pytest.approx(1)
    assert perplexity(torch.tensor([3, 1])) == pytest.approx(4 / 27**0.25)
    assert perplexity(torch.zeros(4)) == 1


def test_usage_counts_every_code_even_the_last() -> None:
    assert usage(torch.tensor([[0, 2], [2, 0]]), 4).tolist() == [2, 0, 2, 0]


@each_quantizer
def test_tokens_are_numbers_of_nearest_codes_in_raster_order(kind: str) -> None:
    torch.manual_seed(0)
    quantizer = QUANTIZERS[kind](32, 4)
    z = 2 * numbers(2, 4, 3, 3)
    tokens, codes = quantizer(z)
    assert torch.equal(tokens, nearest(z.movedim(1, -1), quantizer.codebook()).flatten(1))
    assert torch.equal(codes, quantizer.codes(tokens))
    assert torch.equal(codes[1, :, 0, 2], quantizer.codebook()[tokens[1, 2]])


@each_quantizer
def test_batched_equals_alone(kind: str) -> None:
    net = tiny(kind).eval()
    images = pictures(3)
    z, tokens = net.encode(images)
    for i in range(3):
        alone, own = net.encode(images[i : i + 1])
        assert torch.allclose(alone, z[i : i + 1], atol=1e-5)
        assert torch.equal(own, tokens[i : i + 1])
        assert torch.allclose(net.decode(own), net.decode(tokens)[i : i + 1], atol=1e-5)


@each_quantizer
def test_what_is_learned_from_is_what_is_encoded_and_decoded(kind: str) -> None:
    net = tiny(kind).eval()
    rebuilt = net.rebuild(pictures(2))
    z, tokens = net.encode(pictures(2))
    assert torch.equal(rebuilt.tokens, tokens)
    assert torch.allclose(rebuilt.z, z)
    assert torch.allclose(rebuilt.images.clamp(-1, 1), net.decode(tokens), atol=1e-5)
    assert torch.equal(net(pictures(2)), net.decode(tokens))
    assert net.decode(tokens).abs().max() <= 1


def test_before_codes_are_chosen_the_decoder_reads_the_outputs() -> None:
    net = tiny().eval()
    free = net.rebuild(pictures(2), quantized=False)
    assert torch.equal(free.images, net.decoder(free.z))
    assert free.loss == 0


def test_outputs_have_a_variance_of_one_in_training() -> None:
    z = tiny().train().rebuild(pictures(4)).z
    assert torch.allclose(z.mean((0, 2, 3)), torch.zeros(16), atol=1e-4)
    assert torch.allclose(z.var((0, 2, 3), unbiased=False), torch.ones(16), atol=1e-2)


def test_the_loss_draws_codes_more_than_outputs() -> None:
    quantizer = PlainQuantizer(8, 4)
    z, codes = numbers(2, 4, 3, 3).requires_grad_(), numbers(2, 4, 3, 3, seed=1).requires_grad_()
    quantizer.loss(z, codes).backward()
    assert z.grad is not None
    assert codes.grad is not None
    assert torch.allclose(codes.grad, 2 * (codes - z).detach() / z.numel())
    assert torch.allclose(z.grad, -COMMITMENT * codes.grad)


def test_plain_gradients_reach_only_chosen_codes() -> None:
    net = tiny("plain")
    rebuilt = net.rebuild(pictures(2))
    vq_loss(pictures(2), rebuilt).backward()
    assert isinstance(net.quantizer, PlainQuantizer)
    grad = net.quantizer.entries.grad
    assert grad is not None
    moved = grad.abs().sum(1) > 0
    assert moved.nonzero().flatten().tolist() == rebuilt.tokens.unique().tolist()
    assert not moved.all()


def test_plain_codes_begin_far_out() -> None:
    torch.manual_seed(0)
    assert PlainQuantizer().codebook().detach().std().item() == pytest.approx(SPREAD, rel=0.05)


def test_averages_move_as_the_paper_says() -> None:
    entries, counts = numbers(3, 2), torch.tensor([4.0, 1.0, 2.0])
    z = numbers(5, 2, seed=1)
    chosen = torch.tensor([0, 0, 2, 0, 2])
    m = counts[:, None] * entries
    for k in range(3):
        mine = z[chosen == k]
        m[k] = DECAY * m[k] + (1 - DECAY) * mine.sum(0)
        counts[k] = DECAY * counts[k] + (1 - DECAY) * len(mine)
    sums = torch.stack([z[chosen == k].sum(0) for k in range(3)])
    got, n = moved_averages(entries, torch.tensor([4.0, 1.0, 2.0]), sums, usage(chosen, 3))
    assert torch.allclose(n, counts)
    assert torch.allclose(got, m / counts[:, None], atol=1e-6)
    assert torch.allclose(got[1], entries[1])


def test_averages_that_are_fed_the_same_settle_on_its_mean() -> None:
    quantizer = AverageQuantizer(1, 2)
    z = numbers(4, 2, 3, 3)
    tokens = torch.zeros(4, 9, dtype=torch.int64)
    for _ in range(1200):
        quantizer.update(z, tokens)
    assert torch.allclose(quantizer.codebook()[0], z.mean((0, 2, 3)), atol=1e-3)


def test_averages_have_no_gradient_and_only_hold_outputs() -> None:
    net = tiny("ema")
    rebuilt = net.rebuild(pictures(2))
    _, codes = net.quantizer(rebuilt.z)
    expected = COMMITMENT * (rebuilt.z - codes).square().mean()
    assert rebuilt.loss.item() == pytest.approx(expected.item())
    vq_loss(pictures(2), rebuilt).backward()
    assert list(net.quantizer.parameters()) == []
    assert all(p.grad is not None for p in net.encoder.parameters())


def test_all_unused_codes_begin_as_outputs() -> None:
    torch.manual_seed(0)
    quantizer = AverageQuantizer(16, 4)
    z = numbers(1, 4, 2, 2)
    tokens, _ = quantizer(z)
    quantizer.update(z, tokens)
    outputs = z.flatten(2).mT[0]
    fresh = [k for k in range(16) if k not in tokens]
    distances = torch.cdist(quantizer.codebook()[fresh], outputs).min(1).values
    assert torch.allclose(distances, torch.zeros(len(fresh)), atol=1e-3)


def test_a_code_that_stays_unused_starts_anew_and_no_other() -> None:
    quantizer = AverageQuantizer(3, 2)
    quantizer.idle.zero_()
    quantizer.entries.copy_(torch.tensor([[0.0, 0], [9, 9], [-9, 9]]))
    quantizer.idle[2] = 1
    z = 0.1 * numbers(1, 2, 2, 2)
    tokens = torch.zeros(1, 4, dtype=torch.int64)
    for _ in range(PATIENCE - 2):
        quantizer.update(z, tokens)
    before = quantizer.codebook().clone()
    assert before[1:].abs().min() == 9
    quantizer.update(z, tokens)
    after = quantizer.codebook()
    assert torch.equal(after[1], before[1])
    assert any(torch.equal(after[2], output) for output in z.flatten(2).mT[0])
    assert quantizer.idle.tolist() == [0, PATIENCE - 1, 0]
    assert quantizer.counts[2] == 1


def test_simvq_learns_the_map_alone() -> None:
    net = tiny("simvq")
    quantizer = net.quantizer
    assert isinstance(quantizer, SimQuantizer)
    assert [name for name, _ in quantizer.named_parameters()] == ["map.weight"]
    random, before = quantizer.entries.clone(), quantizer.codebook().detach().clone()
    rebuilt = net.rebuild(pictures(2))
    vq_loss(pictures(2), rebuilt).backward()
    torch.optim.SGD(quantizer.parameters(), 1.0).step()
    assert torch.equal(quantizer.entries, random)
    moved = (quantizer.codebook().detach() - before).abs().sum(1) > 0
    assert moved.all()
    assert len(rebuilt.tokens.unique()) < len(moved)


def test_simvq_s_codes_are_mapped() -> None:
    quantizer = SimQuantizer(5, 3)
    with torch.no_grad():
        quantizer.map.weight.copy_(numbers(3, 3))
    expected = torch.stack([quantizer.map.weight @ code for code in quantizer.entries])
    assert torch.allclose(quantizer.codebook(), expected, atol=1e-6)


def test_the_loss_is_made_of_three() -> None:
    images = pictures(2)
    rebuilt = tiny().rebuild(images)
    same = rebuilt._replace(images=images)
    assert vq_loss(images, same).item() == pytest.approx(rebuilt.loss.item())
    gray = rebuilt._replace(images=images + 0.1, loss=torch.zeros(()))
    assert vq_loss(images, gray).item() == pytest.approx(20 * 0.01 + 0.1, rel=1e-3)


def test_another_quantizer_is_refused() -> None:
    with pytest.raises(KeyError):
        VQVAE("other")

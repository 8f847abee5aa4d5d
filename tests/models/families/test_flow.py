"""The flow is invertible and its likelihood exact."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal

from models.families.flow import BLUR, Flow, FlowBlock, bits_per_dim, denoise, log_prob, nll
from models.parts.transformer import TransformerBlock
from tests.models.tiny import gray_pictures, pictures, randomized


def jacobian(block: FlowBlock, x: Tensor) -> Tensor:
    """dz/dx of one sequence, over all its values, [tokens · values, tokens · values]."""
    size = x.numel()
    moves: Tensor = torch.autograd.functional.jacobian(lambda v: block(v)[0], x)
    return moves.view(size, size)


both_ways = pytest.mark.parametrize("reverse", [False, True])


kinds = pytest.mark.parametrize(("triangular", "components"), [(False, 0), (True, 0), (True, 3)])


@both_ways
@kinds
def test_a_block_s_log_det_is_its_jacobian_s(
    reverse: bool, triangular: bool, components: int
) -> None:
    block = randomized(FlowBlock(3, 2, 8, 1, 2, reverse, triangular, components)).double()
    x = torch.randn(1, 3, 2, dtype=torch.float64)
    expected = torch.linalg.slogdet(jacobian(block, x)).logabsdet
    assert torch.allclose(block(x)[1], expected[None], atol=1e-8)
    assert expected.abs() > 0.01


def test_the_whole_flow_s_log_det_is_its_jacobian_s() -> None:
    flow = randomized(Flow(side=4, patch=2, dim=8, layers=1, heads=2, blocks=3)).double()
    x = torch.randn(1, 3, 4, 4, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda v: flow(v)[0], x).view(48, 48)
    expected = torch.linalg.slogdet(jacobian).logabsdet
    assert torch.allclose(flow(x)[1].double(), expected[None], atol=1e-5)


def test_a_block_is_autoregressive_in_its_direction() -> None:
    x = torch.randn(1, 5, 2)
    changed = x.clone()
    changed[:, 2] += 1
    for reverse in (False, True):
        block = randomized(FlowBlock(5, 2, 8, 1, 2, reverse))
        moved = (block(x)[0] != block(changed)[0]).any(2)[0].nonzero()[:, 0].tolist()
        assert set(moved) <= ({2, 1, 0} if reverse else {2, 3, 4})
        assert len(moved) == 3


@both_ways
def test_a_value_depends_on_those_before_it_in_its_token(reverse: bool) -> None:
    """Read backward, "before" is what comes later in the sequence and in the token."""
    tokens, values = 3, 4
    block = randomized(FlowBlock(tokens, values, 8, 1, 2, reverse, triangular=True)).double()
    x = torch.randn(1, tokens, values, dtype=torch.float64)
    moves = jacobian(block, x)
    moves = moves.flip(0, 1) if reverse else moves
    assert moves.triu(1).abs().max() == 0
    for token in range(tokens):
        own = moves[token * values :][:values, token * values :][:, :values]
        rows, columns = torch.tril_indices(values, values, -1)
        assert own[rows, columns].abs().min() > 1e-4


@both_ways
def test_without_a_matrix_the_values_of_a_token_are_independent(reverse: bool) -> None:
    block = randomized(FlowBlock(2, 4, 8, 1, 2, reverse)).double()
    moves = jacobian(block, torch.randn(1, 2, 4, dtype=torch.float64))
    for own in (moves[:4, :4], moves[4:, 4:]):
        assert torch.equal(own, own.diagonal().diag())


@both_ways
def test_a_mean_is_linear_in_the_token_s_earlier_values(reverse: bool) -> None:
    block = randomized(FlowBlock(2, 3, 8, 1, 2, reverse, triangular=True)).double()
    x = torch.randn(1, 2, 3, dtype=torch.float64)
    last = 0 if reverse else 1  # in reading order: nothing else depends on it
    zs = []
    for amount in (0.0, 1.0, 2.0):
        moved = x.clone()
        moved[:, last, 2 if reverse else 0] += amount
        zs.append(block(moved)[0])
    assert torch.allclose(zs[2] - zs[1], zs[1] - zs[0], atol=1e-10)
    assert (zs[1] - zs[0])[:, last].abs().min() > 1e-4


@both_ways
@kinds
def test_a_block_can_be_inverted(reverse: bool, triangular: bool, components: int) -> None:
    block = randomized(FlowBlock(5, 4, 8, 2, 2, reverse, triangular, components))
    x = torch.randn(3, 5, 4)
    z, _ = block(x)
    assert (z - x).abs().max() > 0.1
    assert torch.allclose(block.inverse(z), x, atol=1e-4)


@both_ways
def test_mixtures_are_of_what_was_read_before(reverse: bool) -> None:
    tokens, values = 3, 2
    block = randomized(FlowBlock(tokens, values, 8, 1, 2, reverse, True, 4)).double()
    moves = jacobian(block, torch.randn(1, tokens, values, dtype=torch.float64))
    moves = moves.flip(0, 1) if reverse else moves
    assert moves.triu(1).abs().max() == 0
    assert moves.diagonal().min() > 0


def test_a_head_is_exact_under_mixed_precision() -> None:
    """Seven digits of a mean, of which bfloat16 keeps two, tell black from nearly black."""
    block = randomized(FlowBlock(2, 2, 8, 1, 2, False, True, 3))
    h = torch.randn(1, 2, 8)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = block._map(h)
    assert torch.equal(mixed.mu, block._map(h).mu)
    assert mixed.mixture is not None
    assert mixed.mixture.means.dtype == torch.float32


def test_only_the_first_block_of_a_flow_has_mixtures() -> None:
    flow = Flow(8, 4, 16, 1, 2, blocks=3, components=5)
    assert [block.components for block in flow.blocks] == [5, 0, 0]


def test_a_flow_begins_as_the_identity() -> None:
    flow, images = Flow(8, 4, 16, 1, 2, 2, triangular=True), pictures(2, 8)
    z, logdet = flow(images)
    assert torch.equal(flow.unpatchify(z), images)
    assert logdet.tolist() == [0, 0]


def test_the_inverse_undoes_the_gray_flow(gray: Flow) -> None:
    images = gray_pictures(4)
    z, _ = gray(images)
    assert (z - gray.patchify(images)).abs().max() > 0.1
    assert (gray.inverse(z) - images).abs().max() < 1e-3 * 2


def test_the_inverse_undoes_the_flow(flow: Flow) -> None:
    images = pictures(4, 8)
    z, _ = flow(images)
    assert (z - flow.patchify(images)).abs().max() > 0.1
    assert (flow.inverse(z) - images).abs().max() < 1e-3 * 2


def test_patches_are_put_back(flow: Flow) -> None:
    images = pictures(2, 8)
    assert flow.patchify(images).shape == (2, 4, 48)
    assert torch.equal(flow.unpatchify(flow.patchify(images)), images)


def test_log_prob_is_the_normal_density_plus_log_det() -> None:
    z, logdet = torch.randn(5, 4, 6), torch.randn(5)
    normal = Independent(Normal(torch.zeros(4, 6), 1.0), 2)
    assert torch.allclose(log_prob(z, logdet), normal.log_prob(z) + logdet, atol=1e-4)


def test_the_loss_is_the_mean_negative_density_a_value() -> None:
    z, logdet = torch.randn(4, 3, 5), torch.randn(4)
    density = Independent(Normal(torch.zeros(3, 5), 1.0), 2).log_prob(z) + logdet
    assert nll(z, logdet).item() == pytest.approx(-density.mean().item() / 15, rel=1e-5)


def test_a_uniform_density_costs_eight_bits_a_value() -> None:
    """255 steps of 8 bits fit between -1 and 1, so each costs log2 255 bits."""
    values = 192
    uniform = torch.tensor([-values * math.log(2.0)])
    assert bits_per_dim(uniform, values).item() == pytest.approx(math.log2(255))


def test_denoising_is_tweedie_s_formula() -> None:
    """Where the flow is the identity, p(y) = N(0, I), so E[x | y] = (1 - sigma²) y."""
    flow = Flow(side=8, patch=4, dim=16, layers=1, heads=2, blocks=2, noise=0.3)
    y = pictures(2, 8)
    with torch.inference_mode():
        assert torch.allclose(denoise(flow, y), (1 - 0.09) * y, atol=1e-6)


def guided_by_hand(block: FlowBlock, z: Tensor, scales: Tensor) -> Tensor:
    """The inverse token by token, each reader reading the whole sequence anew."""
    x = torch.zeros_like(z)
    tokens = z.shape[1]
    for i in range(tokens):
        first = block.start.expand(len(x), 1, -1)
        h = torch.cat([first, block.embed(x[:, :-1])], dim=1) + block.position
        readings = []
        for temperature in (1.0, BLUR):
            seen = h
            for layer in block.blocks:
                assert isinstance(layer, TransformerBlock)
                queries = layer.norm1(seen)
                keys, values = layer.attention.keys_values(queries)
                scores = layer.attention._split(layer.attention.q(queries)) @ keys.mT
                scores = scores / (temperature * keys.shape[-1] ** 0.5)
                causal = torch.ones(tokens, tokens, dtype=torch.bool).tril()
                mixed = scores.masked_fill(~causal, -torch.inf).softmax(-1) @ values
                seen = seen + layer.attention.out(mixed.transpose(1, 2).flatten(-2))
                seen = seen + layer.mlp(layer.norm2(seen))
            readings.append(block._map(seen))
        sharp, blurred = readings
        scale = 1 + (scales[:, None] - 1) * i / (tokens - 1)
        mu = blurred.mu[:, i] + scale * (sharp.mu[:, i] - blurred.mu[:, i])
        alpha = blurred.alpha[:, i] + scale * (sharp.alpha[:, i] - blurred.alpha[:, i])
        x[:, i] = z[:, i] * alpha.exp() + mu
    return x


def test_guidance_moves_away_from_a_blurred_reader() -> None:
    block = randomized(FlowBlock(4, 3, 8, 2, 2, reverse=False)).double()
    z = torch.randn(2, 4, 3, dtype=torch.float64)
    scales = torch.tensor([2.0, 3.5], dtype=torch.float64)
    guided = block.inverse(z, scales)
    assert torch.allclose(guided, guided_by_hand(block, z, scales), atol=1e-10)
    assert not torch.allclose(guided, block.inverse(z), atol=1e-3)


@both_ways
@kinds
def test_guidance_of_one_is_the_exact_inverse(
    reverse: bool, triangular: bool, components: int
) -> None:
    block = randomized(FlowBlock(3, 2, 8, 1, 2, reverse, triangular, components)).double()
    x = torch.randn(2, 3, 2, dtype=torch.float64)
    z, _ = block(x)
    assert torch.allclose(block.inverse(z, torch.ones(2).double()), x, atol=1e-6)

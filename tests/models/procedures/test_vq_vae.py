"""Reading pictures as tokens in parts, and replacing one of their tokens."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from models.data.gallery import gallery
from models.families.vq_vae import TOKENS, VQVAE, nearest, usage
from models.parts.losses import rmse
from models.procedures.vq_vae import (
    CELL,
    DIMMED,
    PART,
    TYPICAL,
    CodebookReading,
    CodebookReplacement,
    surrounded,
)
from models.runtime.errors import RequestError
from tests.models.tiny import pictures, randomized, together

pytestmark = pytest.mark.usefixtures("exact")


@pytest.fixture(scope="module")
def net() -> VQVAE:
    torch.manual_seed(0)
    return randomized(VQVAE("plain", widths=(8, 8), codes=32))


def test_pictures_are_read_a_part_at_a_time(net: VQVAE) -> None:
    sampler, images = CodebookReading(net), pictures(PART + 3)
    state = sampler.start(sampler.request(images=images))
    assert (state.total, state.rows) == (2, PART)
    seen = []
    while not state.done:
        sampler.step([state])
        seen.append(sampler.preview(state))
    assert [view.extras["read"] for view in seen] == [PART, PART + 3]
    assert seen[0].images[PART:].abs().max() == 0
    _, tokens = net.encode(images)
    assert torch.equal(seen[1].extras["tokens"], tokens)
    assert torch.allclose(seen[1].images, net.decode(tokens), atol=1e-5)
    assert torch.allclose(seen[1].extras["rmse"], rmse(net.decode(tokens), images), atol=1e-3)


def test_nothing_is_read_at_first(net: VQVAE) -> None:
    sampler = CodebookReading(net)
    view = sampler.preview(sampler.start(sampler.request(images=pictures(2))))
    assert view.extras["read"] == 0
    assert view.extras["tokens"].shape == (0, TOKENS)
    assert view.images.shape == (2, 3, 64, 64)


def test_readings_of_several_lengths_share_a_batch(net: VQVAE) -> None:
    sampler = CodebookReading(net)
    requests = [sampler.request(images=pictures(n, seed=n)) for n in (1, PART, PART + 2)]
    for request, view in zip(requests, together(sampler, requests), strict=True):
        alone = sampler.run(request)
        assert torch.equal(view.extras["tokens"], alone.extras["tokens"])
        assert torch.allclose(view.images, alone.images, atol=1e-5)


def test_one_token_is_replaced_and_no_other(net: VQVAE) -> None:
    sampler, images = CodebookReplacement(net), pictures(2)
    view = sampler.run(sampler.request(images=images, place=10, code=5))
    _, tokens = net.encode(images)
    replaced = tokens.clone()
    replaced[:, 10] = 5
    assert torch.equal(view.extras["tokens"], tokens)
    assert torch.allclose(view.extras["rebuilt"], net.decode(tokens), atol=1e-5)
    assert torch.allclose(view.images, net.decode(replaced), atol=1e-5)
    assert view.extras["codes"].tolist() == [[int(row[10]), 5] for row in tokens]


def test_requests_with_other_places_share_a_batch(net: VQVAE) -> None:
    sampler = CodebookReplacement(net)
    requests = [
        sampler.request(images=pictures(n, seed=n), place=place, code=code)
        for n, place, code in ((1, 0, 3), (2, 63, 31), (1, 9, 0))
    ]
    for request, view in zip(requests, together(sampler, requests), strict=True):
        alone = sampler.run(request)
        assert torch.equal(view.extras["codes"], alone.extras["codes"])
        assert torch.allclose(view.images, alone.images, atol=1e-5)
        assert torch.equal(view.extras["patches"], alone.extras["patches"])


def test_it_is_encoded_then_decoded(net: VQVAE) -> None:
    sampler = CodebookReplacement(net)
    state = sampler.start(sampler.request(images=pictures(1), place=1, code=2))
    known = [set(sampler.preview(state).extras)]
    while not state.done:
        sampler.step([state])
        known.append(set(sampler.preview(state).extras))
    assert known[0] == {"originals"}
    assert known[1] == {"originals", "tokens"}
    assert known[2] == known[1] | {"rebuilt", "codes", "patches", "uses", "counts"}


def test_typical_patches_are_those_nearest_to_the_code(net: VQVAE) -> None:
    sampler = CodebookReplacement(net)
    sampler.prepare()
    view = sampler.run(sampler.request(images=pictures(1), place=1, code=7))
    z, tokens = net.encode(gallery().images)
    outputs = z.flatten(2).mT.flatten(0, 1)
    assert torch.allclose(sampler.known[0], outputs, atol=1e-5)
    assert torch.equal(view.extras["counts"], usage(tokens, 32))
    assert view.extras["uses"][0, 1] == int((nearest(outputs, net.quantizer.codebook()) == 7).sum())
    distances = (outputs - net.quantizer.codebook()[7]).square().sum(1)
    first = int(distances.argmin())
    face = gallery().images[first // TOKENS]
    (expected,) = surrounded(face[None], torch.tensor([first % TOKENS]))
    assert view.extras["patches"].shape == (1, 2, TYPICAL, 3, 3 * CELL, 3 * CELL)
    assert torch.equal(view.extras["patches"][0, 1, 0], expected)


@pytest.mark.parametrize("place", [0, 7, 27, 63])
def test_a_patch_is_bright_in_dim_surroundings(place: int) -> None:
    image = pictures(2)[1]
    y, x = (CELL * i for i in divmod(place, 8))
    patch = surrounded(pictures(2), torch.tensor([0, place]))[1]
    inside = image[:, y : y + CELL, x : x + CELL]
    assert torch.equal(patch[:, CELL : 2 * CELL, CELL : 2 * CELL], inside)
    wide = F.pad(image[None], (CELL,) * 4, mode="replicate")[0]
    around = wide[:, y : y + 3 * CELL, x : x + 3 * CELL]
    assert torch.allclose(patch[:, :CELL], DIMMED * around[:, :CELL])
    assert torch.allclose(patch[:, :, 2 * CELL :], DIMMED * around[:, :, 2 * CELL :])


@pytest.mark.parametrize("asked", [{"place": 64}, {"code": 512}, {"code": -1}, {"n": 17}])
def test_what_is_out_of_bounds_is_refused(net: VQVAE, asked: dict[str, int]) -> None:
    with pytest.raises(RequestError):
        CodebookReplacement(net).request(images=pictures(1), **asked)


def test_pictures_of_another_size_are_refused(net: VQVAE) -> None:
    reading, replacement = CodebookReading(net), CodebookReplacement(net)
    with pytest.raises(RequestError):
        reading.start(reading.request(images=pictures(1, 32)))
    with pytest.raises(RequestError):
        replacement.start(replacement.request(images=pictures(1, 32)))

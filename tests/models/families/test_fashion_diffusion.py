"""Diffusion of photos: which class a prompt names, the border, and guidance toward the class."""

from __future__ import annotations

import pytest
import torch

from models.data.fashion import BORDER, CLASSES, add_border
from models.families.fashion_diffusion import (
    NO_CLASS,
    SIDE,
    ClassReader,
    FashionDenoiser,
    as_colors,
    class_of,
)
from models.parts.clip import TOKEN_WIDTH, WIDTH
from models.procedures.fashion_diffusion import FashionDiffusionSampler
from tests.models.tiny import SmallFashionDenoiser, pictures, randomized, together


@pytest.fixture(scope="module")
def sampler() -> FashionDiffusionSampler:
    return FashionDiffusionSampler(randomized(SmallFashionDenoiser()))


@pytest.mark.parametrize(("label", "name"), list(enumerate(CLASSES)))
def test_every_class_is_known_by_its_name(label: int, name: str) -> None:
    assert class_of(name) == class_of(f"A photo of one {name.upper()}, please") == label


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a T-Shirt", "t-shirt"),
        ("a shirt or a t-shirt", "t-shirt"),
        ("one shirt", "shirt"),
        ("Ankle Boot", "ankle boot"),
        ("a bag beside trousers", "trousers"),
    ],
)
def test_the_longest_name_wins(prompt: str, name: str) -> None:
    assert CLASSES[class_of(prompt)] == name


@pytest.mark.parametrize("prompt", ["", "  ", "a hat", "boot", "a red afro"])
def test_a_prompt_may_name_no_class(prompt: str) -> None:
    assert class_of(prompt) == NO_CLASS == 10


def test_a_class_is_one_token_and_a_sentence() -> None:
    reader = randomized(ClassReader())
    features = reader.encode_text(["a dress", "", "a bag"])
    assert features.tokens.shape == (3, 1, TOKEN_WIDTH)
    assert features.pooled.shape == (3, WIDTH)
    assert features.mask.tolist() == [[True]] * 3
    labels = [CLASSES.index("dress"), NO_CLASS, CLASSES.index("bag")]
    assert torch.equal(features.tokens[:, 0], reader.tokens.weight[labels])
    assert torch.equal(features.pooled, reader.pooled.weight[labels])


def test_the_border_is_black_and_is_taken_off_again() -> None:
    photos = pictures(2, 28)[:, :1]
    framed = add_border(photos)
    assert framed.shape == (2, 1, SIDE, SIDE)
    assert torch.equal(as_colors(framed), photos.expand(-1, 3, -1, -1))
    framed[..., BORDER:-BORDER, BORDER:-BORDER] = -1
    assert (framed == -1).all()


def test_the_shipped_network_reads_framed_photos() -> None:
    net = FashionDenoiser().eval()
    x = torch.randn(2, 1, SIDE, SIDE)
    text = net.classes(torch.tensor([CLASSES.index("coat"), NO_CLASS]))
    assert torch.equal(net(x, torch.rand(2), text), torch.zeros_like(x))  # untrained
    assert any(key.startswith("classes.") for key in net.state_dict())


def test_photos_are_shown_gray_and_without_the_border(sampler: FashionDiffusionSampler) -> None:
    state = sampler.start(sampler.request(n=2, seed=1, prompt="coat", num_steps=3))
    views = [sampler.preview(state)]
    while not state.done:
        sampler.step([state])
        views.append(sampler.preview(state))
    for view in views:
        assert set(view.extras) == {"x0", "t", "alpha_bar", "detour"}
        for images in (view.images, view.extras["x0"]):
            assert images.shape == (2, 3, 28, 28)
            assert torch.equal(images, images[:, :1].expand(-1, 3, -1, -1))
    inner = state.x[:, 0, BORDER:-BORDER, BORDER:-BORDER]
    assert torch.equal(views[-1].images[:, 0], inner.clamp(-1, 1))
    assert torch.equal(views[-1].extras["x0"][:, 0], state.x0[:, 0, BORDER:-BORDER, BORDER:-BORDER])


def test_another_class_changes_the_photo(sampler: FashionDiffusionSampler) -> None:
    coat, bag, same = (
        sampler.run(sampler.request(n=2, seed=1, prompt=prompt, num_steps=4)).images
        for prompt in ("coat", "bag", "a photo of a Coat")
    )
    assert (coat - bag).abs().mean() > 1e-2
    assert torch.equal(coat, same)


def test_without_a_class_there_is_nothing_to_guide_to(sampler: FashionDiffusionSampler) -> None:
    none, hat, weak, strong = (
        sampler.run(
            sampler.request(seed=1, prompt=prompt, num_steps=4, guidance_scale=scale)
        ).images
        for prompt, scale in (("", 8.0), ("a hat", 8.0), ("coat", 1.0), ("coat", 8.0))
    )
    assert torch.allclose(none, hat, atol=1e-4)
    assert (weak - strong).abs().mean() > 1e-2
    assert sampler.start(sampler.request(n=3, guidance_scale=8.0)).rows == 3
    assert sampler.start(sampler.request(n=3, prompt="coat", guidance_scale=8.0)).rows == 6


def test_requests_of_different_class_share_a_step(sampler: FashionDiffusionSampler) -> None:
    requests = [
        sampler.request(n=2, seed=5, num_steps=3, prompt="coat"),
        sampler.request(n=1, seed=6, num_steps=5, prompt="sandal", guidance_scale=3.0),
    ]
    assert sampler.start(requests[0]).key == sampler.start(requests[1]).key
    for request, view in zip(requests, together(sampler, requests), strict=True):
        alone = sampler.run(request)
        assert torch.allclose(alone.images, view.images, atol=1e-3)
        assert torch.allclose(alone.extras["x0"], view.extras["x0"], atol=1e-3)

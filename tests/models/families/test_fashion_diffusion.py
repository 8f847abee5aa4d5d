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
from tests.models.tiny import pictures, randomized


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

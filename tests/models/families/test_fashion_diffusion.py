"""Diffusion of photos: which class a prompt names, the border, and guidance toward the class."""

from __future__ import annotations

import pytest
import torch

from models.data.fashion import BORDER, CLASSES, add_border
from models.families.fashion_diffusion import (
    NO_CLASS,
    SIDE,
    ClassEmbedding,
    FashionDenoiser,
    as_colors,
    class_of,
    encode_classes,
)
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


def test_prompts_are_encoded_as_labels() -> None:
    given = encode_classes(["a dress", "", "a bag"])
    assert given.names == ("label",)
    assert given["label"].tolist() == [CLASSES.index("dress"), NO_CLASS, CLASSES.index("bag")]


def test_a_class_is_one_token_and_a_vector() -> None:
    embedding, labels = randomized(ClassEmbedding(6, 4)), torch.tensor([3, NO_CLASS])
    read = embedding(labels)
    assert read["mask"].tolist() == [[True]] * 2
    assert torch.equal(read["tokens"][:, 0], embedding.tokens.weight[labels])
    assert torch.equal(read["pooled"], embedding.pooled.weight[labels])


def test_the_network_reads_labels() -> None:
    net = randomized(FashionDenoiser(width=8, dim=16, layers=1))
    x, t = torch.randn(3, 1, SIDE, SIDE), torch.rand(3)
    coat, bag = (net(x, t, encode_classes([name] * 3)) for name in ("coat", "bag"))
    assert (coat - bag).abs().amax((1, 2, 3)).min() > 1e-3


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
    given = encode_classes(["a coat", ""])
    assert torch.equal(net(x, torch.rand(2), given), torch.zeros_like(x))  # untrained
    assert any(key.startswith("classes.") for key in net.state_dict())

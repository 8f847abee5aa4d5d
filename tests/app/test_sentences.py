"""Faults of a request in words."""

from __future__ import annotations

import pytest

from app.sentences import SENTENCES, say
from models.runtime import errors
from models.runtime.errors import RequestError

KINDS = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, RequestError)]


def test_every_kind_of_fault_has_a_sentence() -> None:
    assert {kind.code for kind in KINDS if kind is not RequestError} == set(SENTENCES)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            errors.OutOfRangeError("num_steps", low=1, high=1000, value=0),
            "num_steps must be between 1 and 1000, not 0.",
        ),
        (
            errors.ChoiceError("solver", choices=("ddim", "ddpm"), value="euler"),
            "solver must be one of ddim, ddpm, not 'euler'.",
        ),
        (errors.TooLongError("prompt", most=300), "prompt may have at most 300 characters."),
        (
            errors.WrongTypeError("n", expected="int", value="many"),
            "n must be a whole number, not 'many'.",
        ),
        (
            errors.UnknownNameError("stops", known=("num_steps",)),
            "There is no parameter 'stops' here; there are: num_steps.",
        ),
        (
            errors.UnknownNameError("stops", known=()),
            "There is no parameter 'stops' here; there are: none.",
        ),
        (
            errors.MissingInputError("images", shape=(3, 64, 64), rows=2),
            "images of exactly 2, each 64 by 64 pixels, color are needed to start from.",
        ),
        (
            errors.NoMessagesError("message"),
            "Nothing can be changed in this once it has begun.",
        ),
        (
            errors.WrongShapeError("latents", shape=(128,), rows=None, given=(1, 7)),
            "latents must be of 128 numbers each; what was sent is 1 × 7.",
        ),
    ],
)
def test_a_fault_is_told_in_one_sentence(error: RequestError, sentence: str) -> None:
    assert say(error) == sentence


def test_a_value_of_any_length_makes_a_short_sentence() -> None:
    for value in (10**400, "a" * 10_000):
        assert len(say(errors.OutOfRangeError("n", low=1, high=9, value=value))) < 100

"""Images written and finished, token by token."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest
import torch
from torch import Tensor

from models.data.captions.tokenizer import MAX_TOKENS
from models.families.autoregressive import TokenGPT
from models.parts.tokenizer import CODES, TOKENS, ImageTokenizer
from models.procedures.autoregressive import (
    CANDIDATES,
    AutoregressiveCompletion,
    AutoregressiveSampler,
    SampleParameters,
)
from tests.models.tiny import pictures, randomized, read

PROMPT = "a smiling person with a red afro"


@pytest.fixture(scope="module")
def images() -> ImageTokenizer:
    return randomized(ImageTokenizer(widths=(8, 16)))


def captions(*texts: str) -> Tensor:
    return read(texts)["tokens"]


def test_temperature_zero_takes_the_likeliest_token(gpt: TokenGPT, images: ImageTokenizer) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    request = sampler.request(n=1, prompt=PROMPT, temperature=0.0, guidance_scale=1.0)
    view = sampler.run(request)
    tokens = view.extras["tokens"]
    logits = gpt(captions(PROMPT), tokens[:, :-1])
    assert torch.equal(tokens, logits.argmax(2))


def test_tokens_are_drawn_with_the_model_s_probabilities(
    gpt: TokenGPT, images: ImageTokenizer
) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    asked = sampler.request(prompt=PROMPT, temperature=0.3)
    state = sampler.start(replace(asked, n=4000))
    state.logits[:, 5:] = -30.0
    expected = state.probabilities[0, :5].clone()
    sampler.step([state])
    drawn = torch.bincount(state.tokens[:, 0], minlength=CODES) / 4000
    assert drawn[5:].sum() == 0
    assert torch.allclose(drawn[:5], expected, atol=0.04)


def test_guidance_moves_the_logits_away_from_those_without_the_caption(
    gpt: TokenGPT, images: ImageTokenizer
) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    state = sampler.start(sampler.request(n=2, seed=3, prompt=PROMPT, guidance_scale=3.0))
    assert (state.rows, state.logits.shape) == (4, (2, CODES))
    for _ in range(5):
        sampler.step([state])
    drawn = state.tokens[:, :5]
    cond, uncond = (gpt(captions(text, text), drawn)[:, -1] for text in (PROMPT, ""))
    assert torch.allclose(state.logits, uncond + 3 * (cond - uncond), atol=1e-3)
    assert (cond - uncond).abs().max() > 1e-3


@pytest.mark.parametrize(("prompt", "scale"), [(PROMPT, 1.0), ("", 5.0)])
def test_without_guidance_or_prompt_nothing_is_computed_twice(
    gpt: TokenGPT, images: ImageTokenizer, prompt: str, scale: float
) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    assert sampler.start(sampler.request(n=2, prompt=prompt, guidance_scale=scale)).rows == 2


def test_guided_and_unguided_requests_share_a_step(gpt: TokenGPT, images: ImageTokenizer) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    requests = [sampler.request(n=2, seed=s, prompt=p) for s, p in ((1, PROMPT), (2, ""))]
    with torch.inference_mode():
        states = [sampler.start(r) for r in requests]
        while not states[0].done:
            sampler.step(states)
    for request, state in zip(requests, states, strict=True):
        assert torch.equal(sampler.run(request).extras["tokens"], state.tokens)


@pytest.mark.parametrize("scale", [-1.0, 21.0])
def test_guidance_has_limits(gpt: TokenGPT, images: ImageTokenizer, scale: float) -> None:
    with pytest.raises(ValueError, match="low=0, high=20"):
        AutoregressiveSampler(gpt, images, read).start(
            AutoregressiveSampler(gpt, images, read).request(prompt=PROMPT, guidance_scale=scale)
        )


def test_previews_show_what_is_known(gpt: TokenGPT, images: ImageTokenizer) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    state = sampler.start(sampler.request(n=2, seed=1, prompt=PROMPT, explain=True))
    for _ in range(9):
        sampler.step([state])
    chances = state.probabilities[0].clone()
    sampler.step([state])
    view = sampler.preview(state)
    assert view.extras["position"] == 10
    assert (view.images[:, :, 16:] == 0).all()
    assert (view.images[:, :, 8:16, 16:] == 0).all()
    assert (view.images[:, :, :8] != 0).any()
    top = view.extras["probabilities"]
    assert len(top) == len(view.extras["candidates"]) == CANDIDATES
    assert top == sorted(top, reverse=True)
    assert chances[view.extras["candidates"][0]] == pytest.approx(top[0])
    assert view.extras["chance"] == pytest.approx(float(chances[state.tokens[0, 9]]))
    patches = view.extras["candidate_patches"]
    assert patches.shape == (CANDIDATES, 3, 8, 8)
    trial = state.tokens[:1].clone()
    trial[0, 9] = view.extras["candidates"][1]
    assert torch.allclose(patches[1], images.decode(trial)[0, :, 8:16, 8:16], atol=1e-2)


def test_where_the_reader_looked_is_told_of_the_first_image(
    gpt: TokenGPT, images: ImageTokenizer
) -> None:
    sampler = AutoregressiveSampler(gpt, images, read)
    state = sampler.start(sampler.request(n=2, seed=1, prompt=PROMPT, explain=True))
    sampler.step([state])
    assert "looks_tokens" not in sampler.preview(state).extras  # only words were read before it
    for _ in range(4):
        sampler.step([state])
    seen = sampler.preview(state).extras
    assert seen["looks_tokens"].shape == (4,)
    assert float(seen["looks_tokens"].sum()) + seen["looks_words"] == pytest.approx(1, abs=1e-3)
    plain = sampler.run(sampler.request(n=2, seed=1, prompt=PROMPT))
    assert "candidates" not in plain.extras
    while not state.done:
        sampler.step([state])
    assert torch.equal(state.tokens, plain.extras["tokens"])  # looking changes nothing


def test_before_the_first_token_nothing_is_decoded(
    gpt: TokenGPT, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = randomized(ImageTokenizer(widths=(8, 16)))
    sampler = AutoregressiveSampler(gpt, images, read)
    state = sampler.start(sampler.request(n=2, seed=1, prompt=PROMPT, explain=True))
    decode = Mock(wraps=images.decode)
    monkeypatch.setattr(images, "decode", decode)
    view = sampler.preview(state)
    assert torch.equal(view.images, torch.zeros(2, 3, 64, 64))
    assert "candidates" not in view.extras
    sampler.step([state])
    sampler.preview(state)
    (call,) = decode.call_args_list
    assert len(call.args[0]) == 2 + CANDIDATES


def test_a_caption_is_read_once_for_all_images(
    images: ImageTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpt = randomized(TokenGPT(dim=24, layers=2, heads=2))
    read_captions = Mock(wraps=gpt.read_captions)
    monkeypatch.setattr(gpt, "read_captions", read_captions)
    sampler = AutoregressiveSampler(gpt, images, read)
    states = [sampler.start(sampler.request(n=n, seed=n, prompt=PROMPT)) for n in (1, 3)]
    assert [len(call.args[0]) for call in read_captions.call_args_list] == [1, 1]
    assert (states[1].past.rows, states[1].past.read) == (6, MAX_TOKENS)
    with_caption, without = read_captions(captions(*[PROMPT] * 3, *[""] * 3))[0].split(3)
    expected = without + SampleParameters().guidance_scale * (with_caption - without)
    assert torch.allclose(states[1].logits, expected, atol=1e-4)
    states[0].logits[:] = 0  # a state's own: what is remembered must not change
    sampler.step(states)
    again = sampler.start(sampler.request(n=1, seed=1, prompt=PROMPT))
    assert torch.allclose(again.logits, expected[:1], atol=1e-4)
    assert again.past.read == MAX_TOKENS


def test_a_completion_reads_what_was_given(gpt: TokenGPT, images: ImageTokenizer) -> None:
    sampler = AutoregressiveCompletion(gpt, images, read)
    state = sampler.start(
        sampler.request(n=2, seed=1, images=pictures(2), prompt=PROMPT, guidance_scale=1.0)
    )
    assert (state.position, state.total) == (TOKENS // 2, TOKENS // 2)
    given = state.tokens[:, : TOKENS // 2]
    assert torch.allclose(state.logits, gpt(captions(PROMPT, PROMPT), given)[:, -1], atol=1e-4)


def test_completion_keeps_the_upper_half(gpt: TokenGPT, images: ImageTokenizer) -> None:
    faces = pictures(2)
    view = AutoregressiveCompletion(gpt, images, read).run(
        AutoregressiveCompletion(gpt, images, read).request(n=2, seed=1, images=faces)
    )
    kept = images.encode(faces)[:, : TOKENS // 2]
    assert torch.equal(view.extras["tokens"][:, : TOKENS // 2], kept)
    assert torch.equal(view.extras["originals"], faces)


@pytest.mark.parametrize("temperature", [-1.0, 2.1])
def test_temperature_has_limits(gpt: TokenGPT, images: ImageTokenizer, temperature: float) -> None:
    with pytest.raises(ValueError, match="low=0, high=2"):
        AutoregressiveSampler(gpt, images, read).start(
            AutoregressiveSampler(gpt, images, read).request(temperature=temperature)
        )


def test_completion_needs_images(gpt: TokenGPT, images: ImageTokenizer) -> None:
    sampler = AutoregressiveCompletion(gpt, images, read)
    with pytest.raises(ValueError, match="images"):
        sampler.start(sampler.request())

"""A prompt is read word by word beside pictures, and its words have neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F

from models.data.captions.subjects import WORLDS
from models.data.captions.tokenizer import tokenizer
from models.parts.clip import CLIP
from models.parts.projection import principal_plane
from models.procedures.clip import ASKED, SHOWN, ClipMatching
from models.runtime.errors import RequestError
from tests.models.tiny import pictures, randomized, together

if TYPE_CHECKING:
    from models.runtime.sampler import View

PROMPT = "A sunset over mountians, with a dragon"
READ = ("a", "sunset", "over", "mountains", "with", "a")


@pytest.fixture(scope="module")
def sampler() -> ClipMatching:
    return ClipMatching(randomized(CLIP()))


def run(sampler: ClipMatching, prompt: str = PROMPT, n: int = 3, **values: Any) -> View:
    return sampler.run(sampler.request(images=pictures(n), prompt=prompt, **values))


def feature(sampler: ClipMatching, text: str) -> torch.Tensor:
    return F.normalize(sampler.clip.text(tokenizer().encode_batch([text]))["pooled"], dim=1)[0]


def test_scores_are_clips_cosines_with_what_was_read_so_far(sampler: ClipMatching) -> None:
    images = pictures(3)
    seen = F.normalize(sampler.clip.image(images), dim=1)
    with torch.inference_mode():
        state = sampler.start(sampler.request(images=images, prompt=PROMPT))
        assert state.total == len(READ)
        assert sampler.preview(state).extras == {}
        for step in range(1, state.total + 1):
            sampler.step([state])
            extras = sampler.preview(state).extras
            assert extras["read"] == READ[:step]
            said = feature(sampler, " ".join(READ[:step]))
            assert torch.allclose(extras["scores"], seen @ said, atol=1e-5)
    full = sampler.clip.similarity(images, tokenizer().encode_batch([PROMPT]))[:, 0]
    scale = sampler.clip.logit_scale.clamp(max=4.6).exp()
    assert torch.allclose(extras["scores"] * scale, full, atol=1e-4)


def test_a_word_s_feature_is_that_of_the_word_alone(sampler: ClipMatching) -> None:
    extras = run(sampler).extras
    for word, row in zip(extras["words"], extras["features"], strict=True):
        assert torch.allclose(row, feature(sampler, word), atol=1e-5)


def test_neighbours_are_the_nearest_words_that_claim_something(sampler: ClipMatching) -> None:
    extras = run(sampler, neighbours=3).extras
    assert extras["words"][:2] == ("sunset", "mountains")  # "a", "over" and "with" claim nothing
    assert extras["kin"] == (0, 1, 0, 0, 0, 1, 1, 1)
    assert len(set(extras["words"])) == len(extras["words"])
    names, known = list(WORLDS), sampler.known
    cosines = known @ feature(sampler, "sunset")
    order = cosines.argsort(descending=True).tolist()
    nearest = [names[i] for i in order if names[i] not in ("sunset", "mountains")][:3]
    assert list(extras["words"][2:5]) == nearest
    assert torch.allclose(extras["cosines"][2:5], cosines[[names.index(w) for w in nearest]])
    assert torch.allclose(extras["cosines"][:2], torch.ones(2))


def test_points_are_the_principal_plane_of_the_features(sampler: ClipMatching) -> None:
    extras = run(sampler).extras
    points, share = principal_plane(extras["features"])
    assert torch.equal(extras["points"], points)
    assert extras["variance"] == share


def test_there_are_never_more_words_than_can_be_read(sampler: ClipMatching) -> None:
    many = "red hair blue shirt green hat sad girl glasses beard sky sun moon tree"
    for neighbours in (0, 8):
        words = run(sampler, many, neighbours=neighbours).extras["words"]
        assert ASKED <= len(words) <= SHOWN
        assert words[:3] == ("red", "hair", "blue")
    assert len(run(sampler, "glasses", neighbours=0).extras["words"]) == 1


@pytest.mark.parametrize("prompt", ["", "zzz", "a the with"])
def test_what_claims_nothing_has_no_neighbourhood(sampler: ClipMatching, prompt: str) -> None:
    extras = run(sampler, prompt).extras
    assert extras["words"] == ()
    assert extras["points"].shape == (0, 2)
    assert extras["scores"].shape == (3,)


def test_alone_and_together_are_the_same(sampler: ClipMatching) -> None:
    asked = [
        sampler.request(images=pictures(2, seed=1), prompt="a sad girl"),
        sampler.request(images=pictures(3, seed=2), prompt="mountains at night with a red tent"),
    ]
    for one, request in zip(together(sampler, asked), asked, strict=True):
        alone = sampler.run(request)
        assert torch.allclose(one.extras["scores"], alone.extras["scores"], atol=1e-6)
        assert one.extras["words"] == alone.extras["words"]
        assert torch.equal(one.images, alone.images)


def test_pictures_are_needed(sampler: ClipMatching) -> None:
    with pytest.raises(RequestError):
        sampler.run(sampler.request(prompt="a girl"))


def test_reading_the_vocabulary_ahead_changes_nothing() -> None:
    ready, late = ClipMatching(randomized(CLIP())), ClipMatching(randomized(CLIP()))
    ready.prepare()
    assert torch.equal(run(ready).extras["features"], run(late).extras["features"])

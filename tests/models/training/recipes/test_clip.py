"""A continued CLIP knows more words and says of plain captions what it said before."""

from __future__ import annotations

import pytest
import torch

from models.data.captions import plain
from models.data.captions.tokenizer import tokenizer
from models.data.captions.vocabulary import WORDS
from models.data.gallery import gallery
from models.training.recipes.clip import CLIPRecipe
from tests.models.training.few import use_few_images

KNOWN = tuple(word for word in WORDS if word not in ("ginger", "boat", "specs"))


@pytest.fixture
def continued(monkeypatch: pytest.MonkeyPatch) -> CLIPRecipe:
    use_few_images(monkeypatch)
    recipe = CLIPRecipe("cpu", 0)
    weights = dict(recipe.shipped(type(recipe.clip)).state_dict())
    rows = [tokenizer().encode(word).ids[1] for word in KNOWN]
    kept = torch.tensor([0, 1, 2, *rows])
    weights["text.embed.weight"] = weights["text.embed.weight"][kept]
    recipe.adopt(weights, {"words": list(KNOWN)})
    return recipe


def row(recipe: CLIPRecipe, word: str) -> torch.Tensor:
    return recipe.clip.text.embed.weight[tokenizer().encode(word).ids[1]]


def test_a_new_word_begins_as_its_synonym(continued: CLIPRecipe) -> None:
    assert torch.equal(row(continued, "ginger"), row(continued, "red"))
    assert torch.equal(row(continued, "specs"), row(continued, "glasses"))
    assert not torch.equal(row(continued, "boat"), row(continued, "sea"))


def test_the_anchor_is_how_far_plain_captions_have_moved(continued: CLIPRecipe) -> None:
    seen = list(gallery().attributes[:8])
    assert continued._anchor(seen).item() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        continued.clip.text.position.add_(0.1)
    assert continued._anchor(seen).item() > 1e-3


def test_it_is_resumed(continued: CLIPRecipe) -> None:
    extras = continued.checkpoint_extras()
    other = CLIPRecipe("cpu", 1)
    assert other.checkpoint_extras() == {}
    other.resume_extras(extras)
    assert other.before is not None
    ids = tokenizer().encode_batch([plain.full_caption(gallery().attributes[0])])
    assert torch.equal(other.before(ids)["pooled"], continued.before(ids)["pooled"])  # type: ignore[misc]


def test_captions_read_apart_by_length_are_as_read_at_once(continued: CLIPRecipe) -> None:
    texts = ["red hair", "", *(plain.full_caption(a) for a in gallery().attributes[:7])]
    ids = tokenizer().encode_batch(texts)
    apart, at_once = continued._pooled(ids), continued.clip.text(ids)["pooled"]
    assert torch.allclose(apart, at_once, atol=1e-5)


def test_frozen_weights_stay_as_they_are(continued: CLIPRecipe) -> None:
    text, image = continued.clip.text.state_dict(), continued.clip.image.state_dict()
    before = {k: v.clone() for k, v in (text | image).items()}
    continued.freeze("text")
    continued.train_step(0, 0.0)
    assert all(torch.equal(v, before[k]) for k, v in continued.clip.text.state_dict().items())
    assert any(not torch.equal(v, before[k]) for k, v in continued.clip.image.state_dict().items())
    with pytest.raises(ValueError, match="no weights whose names begin with 'ears'"):
        continued.freeze("ears")

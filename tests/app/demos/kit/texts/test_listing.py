"""Listings: the code that runs, with its colours and the lines of a step."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from app.demos.kit import Listing
from models.families.vae import VAE, reparameterize
from tests.support.demos import DEMOS


def test_it_is_the_code_of_the_running_module() -> None:
    listing = Listing(reparameterize, {"sample": ("return",)})
    source, first = inspect.getsourcelines(reparameterize)
    assert listing.title == "reparameterize"
    assert listing.file == "models/families/vae.py"
    assert (listing.first, listing.last) == (first, first + len(source) - 1)
    plain = [re.sub("<[^>]+>", "", line.html) for line in listing.lines]
    assert [line.replace("&#34;", '"').replace("&gt;", ">") for line in plain] == [
        line.rstrip("\n") for line in source
    ]
    assert [line.at for line in listing.lines] == ["", "", "sample"]


def test_words_of_the_language_have_colours() -> None:
    html = "".join(line.html for line in Listing(VAE.encode).lines)
    assert '<span class="code-keyword">def</span> <span class="code-title">encode</span>' in html
    assert '<span class="code-keyword">return</span>' in html
    assert '<span class="code-string">' in html
    assert '<span class="code-value">' in html


def test_a_step_without_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="no line 'yield'"):
        Listing(reparameterize, {"sample": ("yield",)})


def test_the_listings_of_all_demos_and_choices_can_be_made() -> None:
    for demo in DEMOS:
        for field, info in demo.parameters.model_fields.items():
            extra = info.json_schema_extra
            choices = extra.get("choices", {}) if isinstance(extra, dict) else {}
            for value in choices if isinstance(choices, dict) else ():
                asked: dict[str, Any] = {field: value}
                parameters = demo.parameters(**asked)
                demo.listings(parameters)
                demo.formula(parameters)

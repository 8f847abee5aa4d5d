"""The comparison reads the cards and says where they contradict the chapter."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.deck.comparison import (
    BLIND,
    CHAPTER,
    COLUMNS,
    FAMILIES,
    comparison,
    contradictions,
    origin,
)
from app.demos.registry import Demos
from models.runtime.zoo import Zoo
from tests.support.finished import Finished
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.context import Context

CONTEXT = cast("Context", Finished())


def with_cards(cards: dict[str, Any]) -> Context:
    return cast("Context", SimpleNamespace(card=lambda name: cards.get(name, {}), zoo=Zoo()))


def measured(frechet: float, **more: Any) -> dict[str, Any]:
    return {
        "command": "train",
        "hardware": "here",
        "measured": {"samples": {"frechet": frechet}, **more},
    }


def test_values_are_those_of_the_cards() -> None:
    zoo = Zoo()
    for row in comparison(with_cards({name: zoo.card(name) for name in zoo.names()})):
        known = zoo.card(row.model)["measured"]
        quality, stable, diverse, control, _ = row.cells
        assert quality.value == known["samples"]["frechet"]
        assert diverse.value == known["samples"]["coverage"]
        assert control.value == known.get("prompts", {}).get("mean_head_accuracy")
        assert stable.value == known.get("stability", {}).get("failed")


def test_whatever_the_chapter_claims_is_measured_where_it_can_be() -> None:
    """A cell without a value is one whose model does not do what the column asks for."""
    zoo = Zoo()
    rows = comparison(with_cards({name: zoo.card(name) for name in zoo.names()}))
    missing = {
        (row.model, cell.column.name) for row in rows for cell in row.cells if cell.value is None
    }
    silent = {
        (row.model, "control")
        for row in rows
        if "prompt" not in zoo.procedure(f"{row.model}.sample").parameters.bounds()
    }
    assert missing == silent


def test_the_words_are_the_chapter_s() -> None:
    rows = comparison(with_cards({}))
    assert {row.model: tuple(c.word for c in row.cells) for row in rows} == CHAPTER
    for row in rows:
        assert row.family == FAMILIES[row.model]
        assert all(cell.value is None and cell.word in cell.column.words for cell in row.cells)
        slide, query = row.samples.removeprefix("/slides/").split("?demo=")
        assert Demos().find(int(slide), query.split("&")[0]).models[0] == row.model


def test_a_value_names_its_own_command_or_the_evaluation_s_or_the_training_s() -> None:
    speed = {"speed": {"seconds_16": 2.0, "command": "time it", "hardware": "there"}}
    evaluation = {"evaluation": {"command": "evaluate", "hardware": "here too"}}
    cards = {"vae": measured(5, **speed), "gan": measured(5, **speed, **evaluation)}
    vae, gan = comparison(with_cards(cards))[:2]
    assert [(c.command, c.hardware) for c in (vae.cells[0], vae.cells[4])] == [
        ("train", "here"),
        ("time it", "there"),
    ]
    assert (gan.cells[0].command, gan.cells[4].command) == ("evaluate", "time it")


def test_a_reversed_order_is_said_with_its_values() -> None:
    cards = {"vae": measured(40), "gan": measured(90), "flow": measured(60)}
    said = contradictions(comparison(with_cards(cards)))
    assert said == ["Quality: the chapter puts GAN above VAE; here it is FD 90 against FD 40."]


def test_no_difference_where_the_chapter_sees_one_is_said() -> None:
    def failing(share: float) -> dict[str, Any]:
        return {"measured": {"stability": {"failed": share}}}

    alike = {"vae": failing(0.0), "gan": failing(0.0), "flow": failing(0.0)}
    assert contradictions(comparison(with_cards(alike))) == [
        "Stable: here all measured alike, 0% failed."
    ]
    apart = {**alike, "gan": failing(0.4)}
    assert contradictions(comparison(with_cards(apart))) == []
    one_word = {"vae": failing(0.0), "flow": failing(0.0)}
    assert contradictions(comparison(with_cards(one_word))) == []


@pytest.mark.parametrize("vae", [200.0, 91.0, 86.0])
def test_an_order_that_holds_or_is_too_close_to_call_is_not_held_against_it(vae: float) -> None:
    cards = {"vae": measured(vae), "gan": measured(90)}
    assert contradictions(comparison(with_cards(cards))) == []


def test_a_high_value_is_the_better_one_where_the_column_says_so() -> None:
    def covering(share: float) -> dict[str, Any]:
        return {"measured": {"samples": {"coverage": share}}}

    cards = {"gan": covering(0.9), "diffusion": covering(0.4)}  # low and high in the chapter
    said = contradictions(comparison(with_cards(cards)))
    assert said == [
        "Diverse: the chapter puts Diffusion above GAN; here it is 40% covered against 90% covered."
    ]
    assert [c.low for c in COLUMNS] == [True, True, False, False, True]


def test_the_origin_is_the_card_s() -> None:
    known = Zoo().card("diffusion")["origin"]
    said = origin(CONTEXT, "diffusion")
    assert known["name"] in said
    assert f"{known['images']:,}" in said
    assert origin(CONTEXT, "flow-matching") == ""


def test_the_credits_tell_what_each_model_began_with(client: TestClient) -> None:
    seen = Visible(client.get("/about").text).text
    assert "flow-matching after 260,000 images" in seen
    assert "random weights" in seen


def test_control_without_prompts_is_none_by_construction() -> None:
    texts = {row.model: row.cells[3].text for row in comparison(CONTEXT)}
    assert {model for model, text in texts.items() if text == BLIND} == {"vae", "gan", "flow"}
    assert not any(cell.text == "–" for row in comparison(CONTEXT) for cell in row.cells)

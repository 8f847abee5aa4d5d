"""Recipes are found, and each comes after those it needs."""

from __future__ import annotations

from types import ModuleType

import pytest

from models.runtime.zoo import Zoo
from models.training.catalogue import recipes
from models.training.recipe import Recipe


def shelf(*kinds: type[Recipe]) -> ModuleType:
    """A module that defines these."""
    module = ModuleType("shelf")
    for kind in kinds:
        kind.__module__ = "shelf"
        setattr(module, kind.__name__, kind)
    return module


def kind(name: str, *needs: str, lender: str | None = None) -> type[Recipe]:
    return type(name.title(), (Recipe,), {"name": name, "needs": needs, "lender": lender})


def test_every_shipped_model_has_a_recipe_of_its_family_architecture_and_data() -> None:
    zoo, known = Zoo(), recipes()
    assert set(known) == set(zoo.names())
    for name, recipe in known.items():
        card = zoo.card(name)
        assert recipe.name == name
        assert {key: card[key] for key in recipe.identity()} == recipe.identity()
        assert recipe.minutes > 0


def test_every_recipe_comes_after_what_it_needs() -> None:
    order = list(recipes())
    for name, recipe in recipes().items():
        assert all(order.index(other) < order.index(name) for other in recipe.needed())


def test_a_lender_is_the_one_that_the_shipped_model_began_from() -> None:
    """So that training all in turn repeats what was done."""
    zoo = Zoo()
    for name, recipe in recipes().items():
        assert zoo.card(name).get("origin", {}).get("name") == recipe.lender, name


def test_needs_decide_the_order_and_names_where_they_leave_it_open() -> None:
    found = recipes([shelf(kind("c"), kind("a", "c"), kind("b", lender="a"))])
    assert list(found) == ["c", "a", "b"]


def test_only_a_module_s_own_recipes_count() -> None:
    first, second = shelf(kind("a")), shelf(kind("b"))
    second.A = first.A  # type: ignore[attr-defined]
    first.A.__module__ = "elsewhere"
    assert list(recipes([second])) == ["b"]


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="two recipes train a"):
        recipes([shelf(kind("a")), shelf(kind("a"))])


def test_a_need_that_nobody_trains_is_named() -> None:
    with pytest.raises(ValueError, match="a needs x, which no recipe trains"):
        recipes([shelf(kind("a", "x"))])


def test_recipes_cannot_need_each_other() -> None:
    with pytest.raises(ValueError, match="a needs b needs a"):
        recipes([shelf(kind("a", "b"), kind("b", "a"))])

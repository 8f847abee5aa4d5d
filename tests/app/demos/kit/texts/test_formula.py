"""Formulas as MathML."""

from __future__ import annotations

from app.demos.kit import Formula, Line, Symbol, fraction, hat, root, row, sub, sup

X = Symbol("x", sub("x", "t"), "where it is")
NOISE = Symbol("noise", hat("ε"), "noise <in> it")
H = Symbol("h", "h", "gain")


def test_a_symbol_has_a_name_and_room_for_its_value() -> None:
    html = str(Line(X, "=", NOISE).math)
    assert html.startswith('<math display="block"><mrow><munder class="symbol" data-symbol="x">')
    assert '<mtext data-number="x"></mtext>' in html
    assert '<mo stretchy="false">=</mo>' in html
    assert "<msub><mi>x</mi>" in html


def test_in_an_exponent_it_has_no_value() -> None:
    html = str(Line(sup("e", row("−", H.bare))).math)
    assert 'data-symbol="h"' in html
    assert "data-number" not in html


def test_a_root_keeps_its_symbols() -> None:
    assert "<msqrt><mrow>" in str(Line(root(row("1", "−", H.bare))).math)
    assert [symbol.name for symbol in Formula(Line(root(H))).symbols] == ["h"]


def test_all_symbols_are_listed_once_in_their_order() -> None:
    formula = Formula(Line(fraction(row(X, "−", NOISE), "2")), Line(X, "·", sup("e", H.bare)))
    assert [symbol.name for symbol in formula.symbols] == ["x", "noise", "h"]


def test_letters_numbers_and_signs_are_told_apart() -> None:
    html = str(Line("1", "−", "Decoder", "‖").math)
    assert "<mn>1</mn>" in html
    assert "<mi>Decoder</mi>" in html
    assert html.count("<mo ") == 2


def test_what_is_written_is_escaped() -> None:
    assert "&lt;b&gt;" in str(Line("<b>").math)

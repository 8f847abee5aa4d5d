"""Formulas: MathML built from terms, whose symbols have names, words and present values.

z = Symbol("z", "z", "the point that was drawn")
Formula(Line(z, "=", mu, "+", sigma, "·", epsilon))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup, escape


class Term:
    """Something that stands in a formula."""

    children: ClassVar[tuple[str, ...]] = ()

    def mathml(self) -> Markup:
        """As MathML."""
        raise NotImplementedError

    @property
    def terms(self) -> tuple[Term, ...]:
        """What it is made of."""
        return ()

    def symbols(self) -> Iterator[Symbol]:
        """All symbols in it, in their order."""
        for term in self.terms:
            yield from term.symbols()


@dataclass(frozen=True)
class Sign(Term):
    """An operator or a bracket."""

    text: str

    def mathml(self) -> Markup:
        """As an operator that does not stretch."""
        return Markup('<mo stretchy="false">{}</mo>').format(self.text)


@dataclass(frozen=True)
class Letter(Term):
    """A letter, or a number, that names nothing by itself."""

    text: str

    def mathml(self) -> Markup:
        """As an identifier."""
        tag = "mn" if self.text.replace(".", "").isdigit() else "mi"
        return Markup(f"<{tag}>{escape(self.text)}</{tag}>")  # noqa: S704


@dataclass(frozen=True)
class Row(Term):
    """Terms beside one another."""

    parts: tuple[Term, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """All of them."""
        return self.parts

    def mathml(self) -> Markup:
        """As a row."""
        inner = Markup("").join(part.mathml() for part in self.parts)
        return Markup("<mrow>{}</mrow>").format(inner)


@dataclass(frozen=True)
class Pair(Term):
    """Two terms in one of MathML's layouts."""

    tag: str
    first: Term
    other: Term

    @property
    def terms(self) -> tuple[Term, ...]:
        """Both."""
        return self.first, self.other

    def mathml(self) -> Markup:
        """In their layout."""
        open_, close = Markup(f"<{self.tag}>"), Markup(f"</{self.tag}>")  # noqa: S704
        return open_ + self.first.mathml() + self.other.mathml() + close


@dataclass(frozen=True)
class Symbol(Term):
    """What a formula speaks of.

    Attributes:
        name: of the parts of the scene that show it, and of its value in :attr:`Scene.numbers`.
        sign: how it is written.
        words: what it means.
    """

    name: str
    sign: Term | str
    words: str

    def mathml(self) -> Markup:
        """Its sign, with room for its value below; all values of a line stand on one height."""
        sign = _term(self.sign)
        shown = sign.mathml()
        if not isinstance(sign, Pair) or sign.tag != "mfrac":
            shown = Markup('<mpadded depth="0.3em">{}</mpadded>').format(shown)
        return Markup(
            '<munder class="symbol" data-symbol="{0}">{1}<mtext data-number="{0}"></mtext></munder>'
        ).format(self.name, shown)

    @property
    def bare(self) -> Bare:
        """The same without a value, for where there is no room, as in an exponent."""
        return Bare(self)

    @property
    def plain(self) -> Markup:
        """Its sign alone, for the list of symbols."""
        return Markup("<math>{}</math>").format(_term(self.sign).mathml())

    def symbols(self) -> Iterator[Symbol]:
        """Itself."""
        yield self


@dataclass(frozen=True)
class Bare(Term):
    """A symbol without its value below."""

    symbol: Symbol

    @property
    def terms(self) -> tuple[Term, ...]:
        """The symbol."""
        return (self.symbol,)

    def mathml(self) -> Markup:
        """Its sign alone."""
        sign = _term(self.symbol.sign).mathml()
        return Markup('<mrow class="symbol" data-symbol="{}">{}</mrow>').format(
            self.symbol.name, sign
        )


OPERATORS = frozenset("=+−-·×÷()[]|‖,∼~→←≈≤<>∑/")


def _term(value: Term | str) -> Term:
    """A term; of text, signs and letters by what they are."""
    if isinstance(value, Term):
        return value
    if all(letter in OPERATORS for letter in value):
        return Sign(value)
    return Letter(value)


def row(*terms: Term | str) -> Row:
    """Terms beside one another."""
    return Row(tuple(_term(term) for term in terms))


def fraction(above: Term | str, below: Term | str) -> Pair:
    """One over the other."""
    return Pair("mfrac", _term(above), _term(below))


@dataclass(frozen=True)
class Root(Term):
    """A square root."""

    term: Term

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is below it."""
        return (self.term,)

    def mathml(self) -> Markup:
        """With its sign."""
        return Markup("<msqrt>{}</msqrt>").format(self.term.mathml())


def root(term: Term | str) -> Root:
    """The square root of a term."""
    return Root(_term(term))


@dataclass(frozen=True)
class Lowered(Term):
    """An index; not every font with mathematics lowers it enough."""

    term: Term

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is lowered."""
        return (self.term,)

    def mathml(self) -> Markup:
        """A little below its place."""
        return Markup('<mpadded voffset="-0.18em">{}</mpadded>').format(self.term.mathml())


def sub(base: Term | str, index: Term | str) -> Pair:
    """With an index."""
    return Pair("msub", _term(base), Lowered(_term(index)))


def sup(base: Term | str, power: Term | str) -> Pair:
    """To a power."""
    return Pair("msup", _term(base), _term(power))


def hat(base: Term | str) -> Pair:
    """With a hat: an estimate."""
    return Pair("mover", _term(base), Sign("^"))


class Line:
    """One line of a formula.

    Args:
        terms: beside one another.
        at: name of the step that it is about, empty for all.
    """

    def __init__(self, *terms: Term | str, at: str = "") -> None:
        self.row, self.at = row(*terms), at

    @property
    def math(self) -> Markup:
        """The line as a block."""
        return Markup('<math display="block">{}</math>').format(self.row.mathml())


class Formula:
    """What a Play computes, line by line.

    Args:
        lines: short, since they stand in a narrow column.
        source: of the equations, for example a paper.
    """

    def __init__(self, *lines: Line, source: str = "") -> None:
        self.lines, self.source = lines, source

    @property
    def symbols(self) -> list[Symbol]:
        """All symbols, each once, in the order in which they come."""
        found: dict[str, Symbol] = {}
        for line in self.lines:
            for symbol in line.row.symbols():
                found.setdefault(symbol.name, symbol)
        return list(found.values())

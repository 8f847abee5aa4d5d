"""What the transformer's formulas have in common."""

from __future__ import annotations

from app.demos.kit import Line, Symbol, fraction, row, sub
from models.parts.tokenizer import CODES

TOKEN = Symbol("token", sub("s", "i"), "the token written last")
CHANCE = Symbol("chance", sub("p", "i"), "its probability")
LOGITS = Symbol("logits", "ℓ", f"a number for each of {CODES:,} tokens")
TEMPERATURE = Symbol("temperature", "T", "temperature")
LOOKS = Symbol("looks", "a", "where it looks: shares that add up to 1")
BEFORE = row(sub("s", "1"), "…", sub("s", row("i", "−", "1")))

SOURCE = (
    "Attention is averaged over all layers and heads. Ramesh et al., Zero-Shot Text-to-Image "
    "Generation (DALL-E), 2021; Vaswani et al., Attention Is All You Need, 2017, equation 1."
)


def drawing_lines() -> list[Line]:
    """From logits to a token; attention, by which the transformer reads."""
    root = row("√", "d")
    return [
        Line(CHANCE, "=", "softmax", "(", LOGITS, "/", TEMPERATURE, ")", at="write"),
        Line(TOKEN, "∼", sub("p", "i"), at="write"),
        Line(LOOKS, "=", "softmax", "(", fraction(row("q", "·", "k"), root), ")", at="write"),
    ]

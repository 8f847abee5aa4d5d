"""What the flow's formulas have in common."""

from __future__ import annotations

from app.demos.kit import Line, Symbol, fraction, row, sub, sup

X = Symbol("x", sub("x", "i"), "patch i of the picture")
Z = Symbol("z", sub("z", "i"), "the same patch as noise")
MU = Symbol("mu", sub("μ", "i"), "mean, read from the patches before")
ALPHA = Symbol("alpha", sub("α", "i"), "log-scale, from them too")
SHARE = Symbol("share", sub("ℓ", "k"), "log-determinant of block k, nats a value")
SUM = Symbol("sum", row("∑", sub("ℓ", "k")), "of all blocks")
DENSITY = Symbol("density", row("log", "p", "(", "x", ")"), "log-likelihood, nats a value")
NORMAL = Symbol("normal", row("log", "N", "(", "z", ")"), "of z under N(0, I)")

TARFLOW = "Zhai et al., Normalizing Flows are Capable Generative Models (TarFlow), 2024"

UNDONE = Line(X, "=", Z, "·", sup("e", ALPHA.bare), "+", MU, at="undo")
APPLIED = (
    Line(Z, "=", "(", X, "−", MU, ")", "·", sup("e", row("−", ALPHA.bare)), at="apply"),
    Line(SHARE, "=", "−", fraction("1", "D"), "∑", ALPHA, at="apply"),
    Line(DENSITY, "=", NORMAL, "+", SUM, at="apply"),
)

"""What the formulas of diffusion have in common."""

from __future__ import annotations

from app.demos.kit import Symbol, hat, sub

X_T = Symbol("x", sub("x", "t"), "where the image is")
X_S = Symbol("next", sub("x", "s"), "where the step leads")
GUESS = Symbol("x0", sub(hat("x"), "0"), "the clean guess")
PLAIN = Symbol("plain", sub(hat("x"), "∅"), "guess without the prompt")
PROMPTED = Symbol("prompted", sub(hat("x"), "c"), "guess with the prompt")
NOISE = Symbol("epsilon", hat("ε"), "noise predicted in it")
SCALE = Symbol("scale", "w", "guidance scale")
ALPHA_T = Symbol("alpha", sub("α", "t"), "image in it")
SIGMA_T = Symbol("sigma", sub("σ", "t"), "noise in it")
ALPHA_S = Symbol("alpha_s", sub("α", "s"), "image in the next")
SIGMA_S = Symbol("sigma_s", sub("σ", "s"), "noise in the next")
GAIN = Symbol("gain", "h", "gain in clearness")

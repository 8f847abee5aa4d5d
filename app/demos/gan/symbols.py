"""What the game's formulas have in common."""

from __future__ import annotations

from app.demos.kit import Symbol, hat, row, sub

REAL = Symbol("real", row("D", "(", "x", ")"), "D's logit for a real face")
DRAWN = Symbol("drawn", row("D", "(", hat("x"), ")"), "D's logit for a drawn face")
LOSS_D = Symbol("loss_d", sub("L", "D"), "what D makes small")
LOSS_G = Symbol("loss_g", sub("L", "G"), "what G makes small")

PAIRING = "Huang et al., The GAN is dead; long live the GAN!, 2024, equation 2"

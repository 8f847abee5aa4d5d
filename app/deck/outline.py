"""What the slides say, in their order."""

from __future__ import annotations

from app.deck.families import FAMILIES
from app.deck.slide import Outline
from app.deck.synthesis import SYNTHESIS

STRIP = (
    ("VAE", "science", "vae", 1),
    ("GAN", "flash_on", "gan", 2),
    ("Flow", "waves", "flow", 3),
    ("Diffusion", "blur_on", "diffusion", 4),
    ("Compare", "compare", "winner", 5),
    ("Winner", "emoji_events", "latent", 6),
)
"""The family tree: (node, icon, accent, first slide)."""

OUTLINE: tuple[Outline, ...] = (*FAMILIES, *SYNTHESIS)

"""How slides look besides their words: their nodes of the family tree, colours and icons."""

from __future__ import annotations

STRIP = (
    ("VAE", "science", "vae", 1),
    ("GAN", "flash_on", "gan", 2),
    ("Flow", "waves", "flow", 3),
    ("Diffusion", "blur_on", "diffusion", 4),
    ("Compare", "compare", "winner", 5),
    ("Winner", "emoji_events", "latent", 6),
)
"""The family tree: (node, icon, accent, first slide)."""

LOOKS = (
    ("VAE", "vae", "science"),
    ("GAN", "gan", "flash_on"),
    ("Flow", "flow", "waves"),
    ("Diffusion", "diffusion", "blur_on"),
    ("Compare", "winner", "compare"),
    ("Winner", "winner", "timeline"),
    ("Winner", "latent", "compress"),
    ("Winner", "winner", "school"),
)
"""Of slides 1, 2, …: (node, accent, icon); see :class:`app.deck.slide.Outline`."""

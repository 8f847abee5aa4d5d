"""Slides 4 and 6: diffusion, and flow matching beside it."""

"""Slide 3, second half: the autoregressive transformer."""

"""Slide 3, first half: the normalizing flow."""

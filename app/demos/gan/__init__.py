"""Slide 2: the adversarial game."""

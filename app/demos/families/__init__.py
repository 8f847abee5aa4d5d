"""Slides 5, 6 and 8: Plays in which all families draw."""

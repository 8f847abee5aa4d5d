"""Slide 8: five ideas in small."""

"""Measuring: how far a model's samples are from the data, and whether they obey their prompts."""

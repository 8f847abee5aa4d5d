"""Training: one resumable loop, one recipe per model."""

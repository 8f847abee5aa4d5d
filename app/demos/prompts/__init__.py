"""What is asked of models: how they read it, and what to try."""

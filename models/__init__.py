"""Small generative models in pure PyTorch: one file per family, readable beside its paper."""

"""Slide 7: latent diffusion."""

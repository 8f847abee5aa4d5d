"""Slide 1: the variational autoencoder."""

"""What runs a model: the sampler interface, the zoo, checkpoints, precision, acceleration."""

"""Images and tensors, alone, in grids and in films."""

"""What networks are asked for beside the likeness of pixels: features, critics, places, times."""

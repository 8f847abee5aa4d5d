"""The second captioned world: landscapes of vector shapes, drawn by code alone."""

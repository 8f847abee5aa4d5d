"""The deck: an engine that batches model steps, demos that turn them into frames, routes, pages."""

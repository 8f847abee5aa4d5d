"""What a trained model does for a request: thin adapters between its family and the engine."""

"""The image sets every family learns: captioned cartoon faces and Fashion-MNIST."""

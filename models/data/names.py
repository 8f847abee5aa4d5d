"""The data sets by the names that cards and addresses have for them."""

DATASETS = {"faces": "Faces", "fashion": "Fashion-MNIST"}
"""Name → what it is called on a page."""

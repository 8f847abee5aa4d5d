"""The data sets by the names that cards and addresses have for them."""

DATASETS = {"faces": "Faces", "landscapes": "Landscapes", "fashion": "Fashion-MNIST"}
"""Name → what it is called on a page."""

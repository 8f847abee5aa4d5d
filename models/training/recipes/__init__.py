"""One recipe a model: its data, loss, schedule and card."""

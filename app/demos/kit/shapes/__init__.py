"""The machine as shapes, the arrows between them, and rows and columns that hold all."""

"""Several models trained side by side on one machine: processes, their order and their lines."""

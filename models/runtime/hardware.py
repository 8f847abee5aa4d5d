"""What a figure was measured on."""

from __future__ import annotations

import platform

import torch


def hardware(device: str = "cpu") -> str:
    """The processor behind ``device``, in words; of a CPU also threads and version of torch."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    count = torch.get_num_threads()
    threads = f"{count} thread" if count == 1 else f"{count} threads"
    return f"CPU {platform.machine()}, {threads}, torch {torch.__version__}"

"""Small generative models in pure PyTorch: one file per family, readable beside its paper."""

import os

# Read when torch is loaded: its threads wait a moment for more work, not for milliseconds in which
# they would keep OpenVINO's from the cores.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

"""Compression is counted in what was encoded."""

from __future__ import annotations

import pytest
import torch

from app.demos.latent.compress import Compress, CompressParameters
from tests.support.finished import last_scene

pytestmark = pytest.mark.anyio


async def test_compression_counts_what_was_encoded() -> None:
    scene = await last_scene(
        Compress(), CompressParameters(), originals=torch.zeros(1, 3, 128, 128),
        latent=torch.zeros(1, 4, 16, 16),
    )  # fmt: skip
    assert scene.numbers == {"before": "49,152", "after": "1,024", "ratio": "48"}
    assert "48 times fewer" in scene.text

"""All demos, by slide and by name."""

from __future__ import annotations

from app.demos import (
    autoregressive,
    compare,
    diffusion,
    flow,
    flow_matching,
    gan,
    latent,
    takeaways,
    timeline,
    vae,
)
from app.demos.demo import Demo

DEMOS: tuple[Demo, ...] = (
    vae.Reconstruct(),
    vae.Prior(),
    vae.Interpolate(),
    gan.Film(),
    gan.Fresh(),
    gan.Mix(),
    flow.FlowSample(),
    flow.RoundTrip(),
    flow.Likelihood(),
    autoregressive.Tokens(),
    autoregressive.Complete(),
    diffusion.Denoise(),
    diffusion.Noising(),
    compare.Race(),
    timeline.Timeline(),
    flow_matching.Paths(),
    latent.PromptToImage(),
    latent.Attention(),
    latent.Compress(),
    latent.Cost(),
    takeaways.Concepts(),
    takeaways.Quiz(),
)
"""The first of each slide is its default."""


def for_slide(number: int) -> list[Demo]:
    """The demos of a slide, the default first."""
    return [demo for demo in DEMOS if demo.slide == number]


def find(number: int, name: str | None) -> Demo:
    """A slide's demo by name, its default without one.

    Raises:
        KeyError: the slide has no demo of that name.
    """
    demos = for_slide(number)
    if name is None:
        return demos[0]
    for demo in demos:
        if demo.name == name:
            return demo
    raise KeyError(name)

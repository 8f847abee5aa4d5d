"""The fifth idea: latent diffusion."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.demos.demo import Frame
from app.demos.ideas.idea import Idea, asked
from app.demos.kit import Formula, Listing, Scene
from app.demos.latent.prompt import PromptParameters, PromptToImage


class Hybrid(Idea):
    """Latent diffusion: the whole machine, as slide 7 shows it."""

    says = "Latent diffusion joins the VAE's space to diffusion's quality."
    machine = PromptToImage()

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """From the prompt to the picture."""
        return self.machine.frames(context, self._asked(context, seed))

    def outline(self, context: Context, seed: int) -> Scene:
        """The machine at rest."""
        return self.machine.outline(context, self._asked(context, seed))

    @staticmethod
    def _asked(context: Context, seed: int) -> PromptParameters:
        return PromptParameters(prompt=asked(context, "latent-diffusion", seed), seed=seed)

    def formula(self) -> Formula:
        """The machine's."""
        return self.machine.formula(PromptParameters())

    def listings(self) -> Sequence[Listing]:
        """The machine's."""
        return self.machine.listings(PromptParameters())

"""Slide 8: the Play that shows one of the five ideas."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.demos.demo import Demo, Frame
from app.demos.ideas.adversarial import Adversarial
from app.demos.ideas.denoising import Denoising
from app.demos.ideas.guidance import Guidance
from app.demos.ideas.hybrid import Hybrid
from app.demos.ideas.idea import Idea
from app.demos.ideas.latent import Latent
from app.demos.kit import Formula, Listing, Scene
from app.demos.parameters import Parameters, select

IDEAS: dict[str, tuple[str, Idea]] = {
    "latent": ("1 Latent space", Latent()),
    "adversarial": ("2 Adversarial training", Adversarial()),
    "denoising": ("3 Denoising", Denoising()),
    "guidance": ("4 Guidance", Guidance()),
    "hybrid": ("5 Latent diffusion", Hybrid()),
}
LABELS = {name: label for name, (label, _) in IDEAS.items()}


class ConceptParameters(Parameters):
    """Which idea."""

    idea: str = select("latent", LABELS, "Idea", "timeline")

    @property
    def chosen(self) -> Idea:
        """The idea itself."""
        return IDEAS[self.idea][1]


class Concepts(Demo[ConceptParameters]):
    """The five ideas, each with its own small demonstration."""

    name, slide, order, family = "ideas", 8, 1, "winner"
    models = ("vae", "gan", "gan-collapsed", "diffusion", "latent-diffusion")
    parameters = ConceptParameters

    def frames(self, context: Context, p: ConceptParameters) -> AsyncGenerator[Frame, None]:
        """Show the idea."""
        return p.chosen.frames(context, p.seed)

    def outline(self, context: Context, p: ConceptParameters) -> Scene:
        """The idea's scene, empty."""
        return p.chosen.outline(context, p.seed)

    def formula(self, p: ConceptParameters) -> Formula:
        """The idea's."""
        return p.chosen.formula()

    def listings(self, p: ConceptParameters) -> Sequence[Listing]:
        """The idea's."""
        return p.chosen.listings()

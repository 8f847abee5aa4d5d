"""The fourth idea: guidance."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import urlencode

from app.context import Context
from app.demos.demo import Frame, Result
from app.demos.diffusion.guidance import Guidance as Measured
from app.demos.diffusion.symbols import GUESS, PLAIN, PROMPTED, SCALE
from app.demos.ideas.idea import Idea, asked
from app.demos.kit import Arrow, Formula, Line, Listing, Picture, Row, Scene, Words
from app.demos.prompts.reading import Link, Note, Reading
from app.engine import Progress
from models.families.diffusion import guide


class Guidance(Idea):
    """One prompt, obeyed more and more."""

    says = "Guidance amplifies the text."
    scales = (1.0, 2.0, 5.0)

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """A face at each scale, from the same noise."""
        prompt = asked(context, "diffusion", seed)
        results = [
            Result(
                context, "diffusion.sample", n=1, seed=seed, num_steps=15, guidance_scale=scale,
                prompt=prompt,
            )
            for scale in self.scales
        ]  # fmt: skip
        return self._each(
            results, lambda known: self._guided(prompt, known), self.outline(context, seed)
        )

    def outline(self, context: Context, seed: int) -> Scene:
        """The prompt, and places for its faces."""
        return self._guided(asked(context, "diffusion", seed), [])

    def _guided(self, prompt: str, known: Sequence[Progress]) -> Scene:
        pictures = [
            Picture(
                known[i].view.images if i < len(known) else None,
                f"The face at guidance {scale:g}", f"w = {scale:g}",
                name=f"scale guided_{i}", result=True,
            )
            for i, scale in enumerate(self.scales)
        ]  # fmt: skip
        shown = [f"{scale:g}" for scale in self.scales[: len(known)]]
        text = f"A face for “{prompt}”, from the same noise: " + (
            f"at guidance {', '.join(shown)} the prompt counts for more and more."
            if shown
            else "three places, one for each guidance scale."
        )
        numbers = {"scale": shown[-1]} if shown else {}
        below = Row((Arrow(f"“{prompt}” counts for more", name="scale"),), grow=3)
        query = urlencode({"demo": Measured.name, "prompt": prompt})
        further = Link("Guidance, slide 4", Measured.slide, query)
        measured = Note("Six scales up to w = 12, obedience and variety measured:", further)
        return self._scene(
            Row(pictures, grow=14), below, Words(Reading((), (measured,))),
            text=text, numbers=numbers, done=bool(shown),
        )  # fmt: skip

    def formula(self) -> Formula:
        """Classifier-free guidance."""
        return Formula(
            Line(GUESS, "=", PLAIN, "+", SCALE, "(", PROMPTED, "−", PLAIN, ")", at="shown"),
            source="Ho & Salimans, Classifier-Free Diffusion Guidance, 2022, equation 6.",
        )

    def listings(self) -> Sequence[Listing]:
        """It is one line."""
        return (Listing(guide, {"shown": ("return",)}),)

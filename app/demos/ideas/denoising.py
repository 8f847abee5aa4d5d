"""The third idea: denoising."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.demos.demo import Frame, follow
from app.demos.diffusion.schedule import clock, shares
from app.demos.diffusion.symbols import ALPHA_S, ALPHA_T, GUESS, NOISE, SIGMA_S, SIGMA_T, X_S, X_T
from app.demos.ideas.idea import Idea
from app.demos.kit import (
    Film,
    Formula,
    Line,
    Listing,
    Machine,
    Picture,
    Row,
    Scene,
    Sign,
    fraction,
    row,
)
from app.engine import Progress
from models.families.diffusion import CosineSchedule, T, ddim_step
from models.runtime.sampler import View


class Denoising(Idea):
    """Noise becomes a face."""

    says = "Noise is removed step by step: stable, good, controllable."
    steps = 20

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """x_t, the noise in it and the clean guess, step by step."""
        request = context.request(
            "diffusion.sample", n=1, seed=seed, num_steps=self.steps, solver="ddim"
        )
        return follow(
            context, "diffusion.sample", request, self._drawn, lambda _: self.says,
            outline=self.outline(context, seed),
        )  # fmt: skip

    def outline(self, context: Context, seed: int) -> Scene:
        """The equation of a step without pictures."""
        return self._drawn()

    def _drawn(self, view: View | None = None, progress: Progress | None = None) -> Scene:
        step, total = (progress.step, progress.total) if progress else (0, self.steps)
        extras = view.extras if view else {}
        known = extras if step else {}
        t, s = extras.get("t_before", T), extras.get("t", T)
        works = 0 < step < total
        equation = Row(
            (
                Picture(extras.get("before"), "The noisy face", f"x at t = {t}", name="x",
                        filmed=step > 0, grow=10),
                Sign("−"),
                Machine("network", "Network", name="epsilon", lit=works, grow=2),
                Picture(known.get("epsilon"), "The noise predicted", "its noise, × σ",
                        name="epsilon sigma", lit=works, grow=10),
                Sign("÷ α ="),
                Picture(known.get("x0"), "The clean guess", "clean guess", name="x0 next",
                        filmed=True, result=True, grow=10),
            ),
            grow=14,
        )  # fmt: skip
        text = (
            f"Step {step} of {total}: the noise predicted at t = {t} is taken away, which leaves a "
            f"clean guess; the next picture is at t = {s}."
            if step
            else f"Noise at t = {T}, the network, and places for its noise and its clean guess."
        )
        numbers = {"x": f"t = {t}", "next": f"s = {s}", **shares(t, s)} if step else {}
        clock_, film = clock(t, s, step > 0), Film(grow=4)
        return self._scene(equation, clock_, film, text=text, numbers=numbers, done=step > 0)

    def formula(self) -> Formula:
        """The clean guess, and the step."""
        return Formula(
            Line(GUESS, "=", fraction(row(X_T, "−", SIGMA_T, NOISE), ALPHA_T), at="shown"),
            Line(X_S, "=", ALPHA_S, GUESS, "+", SIGMA_S, NOISE, at="shown"),
            source="Song et al., Denoising Diffusion Implicit Models, 2020, equation 12.",
        )

    def listings(self) -> Sequence[Listing]:
        """The noise that a guess implies, and the step."""
        return (
            Listing(CosineSchedule.to_epsilon, {"shown": ("return",)}),
            Listing(ddim_step, {"shown": ("return",)}),
        )

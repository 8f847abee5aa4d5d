"""Slide 4: noise becomes a face, or clothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

from app.context import Context
from app.demos.demo import Demo, Frame, follow
from app.demos.diffusion.schedule import clock, noise_share, shares
from app.demos.diffusion.symbols import (
    ALPHA_S,
    ALPHA_T,
    GAIN,
    GUESS,
    NOISE,
    PLAIN,
    PROMPTED,
    SCALE,
    SIGMA_S,
    SIGMA_T,
    X_S,
    X_T,
)
from app.demos.kit import (
    Arrow,
    Axis,
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Machine,
    Part,
    Picture,
    Row,
    Scene,
    Sign,
    Tick,
    Words,
    fraction,
    row,
    sup,
)
from app.demos.parameters import Parameters, dataset, prompt, select, slider_of
from app.demos.prompts.reading import Reading
from app.demos.prompts.suggestions import FACE
from app.engine import Progress
from models.families.diffusion import (
    CosineSchedule,
    T,
    ddim_step,
    ddpm_step,
    dpm_solver_step,
    guide,
)
from models.procedures.diffusion import SampleParameters
from models.runtime.sampler import View

SOLVERS = {"dpm-solver++": "DPM-Solver++", "ddim": "DDIM", "ddpm": "DDPM"}
SOURCES = {
    "dpm-solver++": "Lu et al., DPM-Solver++, 2022. D is the guess, carried on from the step "
    "before; h, how much clearer the step makes it.",
    "ddim": "Song et al., Denoising Diffusion Implicit Models, 2020, equation 12.",
    "ddpm": "Ho et al., Denoising Diffusion Probabilistic Models, 2020, equation 6.",
}
STEPS: dict[str, Callable[..., Any]] = {
    "dpm-solver++": dpm_solver_step,
    "ddim": ddim_step,
    "ddpm": ddpm_step,
}


class DenoiseParameters(Parameters):
    """Everything a sampler lets one choose."""

    dataset: str = dataset()
    prompt: str = prompt(FACE)
    solver: str = select("dpm-solver++", SOLVERS, "Solver")
    num_steps: int = slider_of(SampleParameters, "num_steps", "Steps", high=100)
    guidance_scale: float = slider_of(
        SampleParameters, "guidance_scale", "Guidance scale", high=8, step=0.5
    )

    @property
    def thing(self) -> str:
        """What is drawn."""
        return "photo" if self.dataset == "fashion" else "face"


class Denoise(Demo[DenoiseParameters]):
    """Noise becomes a face, or clothing."""

    name, slide, order, family = "denoise", 4, 1, "diffusion"
    models = ("diffusion", "clip", "fashion-diffusion")
    parameters = DenoiseParameters

    def frames(self, context: Context, p: DenoiseParameters) -> AsyncGenerator[Frame, None]:
        """x_t, its noise and the clean guess, step by step."""
        words = self.read(context, p)
        procedure = f"{self.drawn_by(context, p)}.sample"
        request = context.request(
            procedure,
            n=1,
            seed=p.seed,
            prompt=p.prompt,
            num_steps=p.num_steps,
            guidance_scale=p.guidance_scale,
            solver=p.solver,
        )

        def note(progress: Progress) -> str:
            step, total = progress.step, progress.total
            text = f"Step {step} of {total}, by {SOLVERS[p.solver]}." if step else "Pure noise."
            return words.after(text)

        return follow(
            context, procedure, request, lambda view, f: _scene(p, words, view, f), note,
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: DenoiseParameters) -> Scene:
        """The equation without pictures, over the noise curve."""
        return _scene(p, self.read(context, p))

    def formula(self, p: DenoiseParameters) -> Formula:
        """The clean guess, guidance, and the solver's step."""
        return Formula(
            Line(GUESS, "=", fraction(row(X_T, "−", SIGMA_T, NOISE), ALPHA_T), at="step"),
            Line(GUESS, "=", PLAIN, "+", SCALE, "(", PROMPTED, "−", PLAIN, ")", at="step"),
            *_solver_lines(p.solver),
            source=SOURCES[p.solver],
        )

    def listings(self, p: DenoiseParameters) -> Sequence[Listing]:
        """Guidance, the noise that a guess implies, the solver's step, the schedule."""
        ends = ("mean =", "return torch") if p.solver == "ddpm" else ("return",)
        return (
            Listing(guide, {"step": ("return",)}),
            Listing(CosineSchedule.to_epsilon, {"step": ("return",)}),
            Listing(STEPS[p.solver], {"step": ends}),
            Listing(CosineSchedule.alpha_bar),
        )


def _solver_lines(solver: str) -> list[Line]:
    """From t to the earlier time s."""
    if solver == "ddim":
        return [Line(X_S, "=", ALPHA_S, GUESS, "+", SIGMA_S, NOISE, at="step")]
    if solver == "ddpm":
        mean = row("mean", "(", X_T, ",", GUESS, ")")
        return [Line(X_S, "=", mean, "+", "noise", at="step")]
    kept, share = fraction(SIGMA_S, SIGMA_T), row("(", "1", "−", sup("e", row("−", GAIN.bare)), ")")
    return [
        Line(X_S, "=", kept, X_T, at="step"),
        Line("+", ALPHA_S, share, "D", at="step"),
    ]


def _scene(
    p: DenoiseParameters,
    words: Reading,
    view: View | None = None,
    progress: Progress | None = None,
) -> Scene:
    """The equation of the last step, guidance, and how far it is; an outline without a view."""
    step, total = (progress.step, progress.total) if progress else (0, p.num_steps)
    extras: Mapping[str, Any] = view.extras if view else {}
    known = extras if step else {}
    t, s = extras.get("t_before", T), extras.get("t", T)
    works = 0 < step < total
    noisy = _picture(p, extras, "before", f"x at t = {t}", "x", grow=10, filmed=step > 0)
    part, label = _noise(known, t)
    noise = _picture(p, part, "epsilon", label, "epsilon sigma", grow=10, lit=works)
    guess = _picture(
        p, known, "x0", "clean guess", "x0 next", grow=9, lit=works, result=True, filmed=True
    )
    network = Machine("network", "Network", name="epsilon", lit=works, grow=2)
    left = Row((noisy, Sign("−"), network, noise), grow=20, stays=True)
    equation = Row((left, Sign("÷ α ="), guess), grow=12)
    passed = Column((clock(t, s, step > 0), Film(grow=5), _scale(p)), grow=9)
    below = Row((passed, _guided(p, known)), grow=12)
    root = Column((Words(words, name="prompted"), equation, below))
    return Scene(root, _told(p, step, total, t), "step" if step else "", _numbers(p, step, t, s))


def _picture(
    p: DenoiseParameters, extras: Mapping[str, Any], key: str, label: str, name: str, **more: Any
) -> Picture:
    """One of the view's pictures, or the place for it."""
    side = 28 if p.dataset == "fashion" else 64
    return Picture(extras.get(key), f"The {p.thing}: {label}", label, side=side, name=name, **more)


def _noise(known: Mapping[str, Any], t: int) -> tuple[Mapping[str, Any], str]:
    """The noise as it is in x_t, grayer the less there is, and what is said of it."""
    if not known:
        return {}, "its noise"
    sigma = noise_share(t)
    return {"epsilon": (sigma * known["epsilon"]).clamp(-1, 1)}, f"its noise, σ = {sigma:.2f}"


def _guided(p: DenoiseParameters, known: Mapping[str, Any]) -> Part:
    """The arrow from the guess without the prompt to the one with it."""
    plain, prompted = (
        _picture(p, known, key, words, key, grow=20)
        for key, words in (("plain", "without prompt"), ("prompted", "with prompt"))
    )
    return Row((plain, Arrow("w ×", grow=3), prompted), stays=True, grow=12)


def _scale(p: DenoiseParameters) -> Axis:
    """How far beyond the guess with the prompt it goes on."""
    scale = p.guidance_scale if p.prompt.strip() else 1.0
    longest = max(scale, 1.5)
    ticks = [Tick(0.0, "0"), Tick(1 / longest, "1")]
    if scale > 1:
        ticks.append(Tick(scale / longest, f"w = {scale:g}"))
    return Axis(ticks, "guidance scale w", scale / longest, 0.0, name="scale", grow=0)


def _told(p: DenoiseParameters, step: int, total: int, t: int) -> str:
    if not step:
        return f"Noise at t = {T}, and places for the noise in it and for the clean {p.thing}."
    return (
        f"Step {step} of {total}. From the noisy {p.thing} at t = {t} the noise that the network "
        f"predicts is taken away, which leaves its guess of the clean {p.thing}. The guess lies "
        f"{p.guidance_scale:g} times as far from the one without the prompt as the one with it."
    )


def _numbers(p: DenoiseParameters, step: int, t: int, s: int) -> dict[str, str]:
    """Of the step that was taken last."""
    numbers = {"scale": f"{p.guidance_scale:g}"}
    if not step:
        return numbers
    return numbers | {"x": f"t = {t}", "next": f"s = {s}"} | shares(t, s)

"""The five ideas of slide 8, each a small scene of the parts that its own slide is made of."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Frame, Result, follow
from app.demos.denoise import (
    ALPHA_S,
    ALPHA_T,
    GUESS,
    NOISE,
    PLAIN,
    PROMPTED,
    SCALE,
    SIGMA_S,
    SIGMA_T,
    X_S,
    X_T,
    clock,
    shares,
)
from app.demos.kit import (
    Arrow,
    Bar,
    Bars,
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Machine,
    Part,
    Path,
    Picture,
    Plane,
    Point,
    Ring,
    Row,
    Scene,
    Sign,
    Symbol,
    fraction,
    row,
    sub,
)
from app.demos.latent import PromptParameters, PromptToImage
from app.demos.suggestions import FACE, suggestions, worlds
from app.demos.vae import REBUILT, Z_LABEL, Z, at, pick
from app.engine import Progress
from models.data.pixels import LEVEL
from models.families.diffusion import CosineSchedule, T, ddim_step, guide
from models.families.gan import Generator, relativistic_loss
from models.families.vae import VAE, interpolate
from models.runtime.sampler import View

Draw = Callable[[Sequence[Progress]], Scene]


class Idea(ABC):
    """One idea.

    Class attributes:
        says: it, in a sentence.
    """

    says: str

    @abstractmethod
    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """Show it."""

    @abstractmethod
    def outline(self, context: Context, seed: int) -> Scene:
        """Its parts before there is anything in them."""

    @abstractmethod
    def formula(self) -> Formula:
        """It, in symbols."""

    @abstractmethod
    def listings(self) -> Sequence[Listing]:
        """It, as code."""

    @staticmethod
    def _scene(*parts: Part, text: str, numbers: dict[str, str], done: bool) -> Scene:
        """The parts one below the other."""
        return Scene(Column(parts), text, "shown" if done else "", numbers)

    async def _each(
        self, results: Sequence[Result], draw: Draw, outline: Scene
    ) -> AsyncGenerator[Frame, None]:
        """A frame with every result that has come."""
        total, seconds = len(results), 0.0
        async with aclosing(results[0].frames("The model is drawing.", total, outline)) as frames:
            async for frame in frames:
                yield frame
        for i, result in enumerate(results, 1):
            if i > 1:
                await result.wait()
            seconds += result.end.seconds
            scene = draw([known.end for known in results[:i]])
            yield Frame(self.says, i, total, seconds, i == total, scene=scene)


def asked(context: Context, model: str, seed: int) -> str:
    """A prompt that a model can draw."""
    prompts = suggestions(worlds(context, model)) or (FACE,)
    return prompts[seed % len(prompts)]


class Latent(Idea):
    """A walk between two faces."""

    says = "A latent space is compressed, smooth and cheap to work in."
    points = 8

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """Points on the line between two codes, decoded."""
        ends = self._ends(seed)
        walk = Result(context, "vae.interpolate", seed=seed, images=ends, points=self.points)
        return self._each(
            [walk], lambda known: self._walked(ends, known[0].view), self.outline(context, seed)
        )

    def outline(self, context: Context, seed: int) -> Scene:
        """Both faces, and nothing between them yet."""
        return self._walked(self._ends(seed))

    @staticmethod
    def _ends(seed: int) -> Tensor:
        return faces([seed % 256, (seed + 91) % 256])

    def _walked(self, ends: Tensor, view: View | None = None) -> Scene:
        images, mu = (view.images, view.extras["mu"]) if view else (None, None)
        real = [
            Picture(pick(ends, i), f"Real face {c}", f"{c}, real", name=f"mu_{c}")
            for i, c in enumerate("AB")
        ]
        half = self.points // 2
        plane, numbers = self._plane(mu)
        way = Row(
            (
                Column(real, turns=True, grow=7),
                Machine("encoder", "Encoder", name="mu_A mu_B", grow=2),
                plane,
                Machine("decoder", "Decoder", name="rebuilt", grow=2),
                Picture(pick(images, half), "A point on the way, decoded", "on the way: nobody",
                        name="rebuilt", grow=12),
            ),
            grow=14,
        )  # fmt: skip
        walk = Picture(images, "From face A to face B", "", self.points, self.points,
                       name="rebuilt share", grow=5, result=True)  # fmt: skip
        text = (
            f"Two real faces are encoded; {self.points} points on the line between their codes "
            "decode to faces, each a little more like B."
            if view
            else "Two real faces, an encoder, a plane, a decoder and a row of faces, still empty."
        )
        return self._scene(way, walk, text=text, numbers=numbers, done=view is not None)

    def _plane(self, mu: Tensor | None) -> tuple[Plane, dict[str, str]]:
        """The line, in the two dimensions in which its ends differ most."""
        shapes: list[Ring | Path | Point] = [Ring(1.0, "N(0, I)")]
        limit, numbers = 1.2, {"share": f"0 … 1 in {self.points}"}
        if mu is not None:
            first, second = (mu[0] - mu[1]).abs().topk(2).indices.tolist()
            places = [at(z, (first, second)) for z in interpolate(mu[0], mu[1], self.points)]
            limit = max(limit, 1.2 * max(abs(v) for place in places for v in place))
            shapes += [Path((places[0], places[-1]), "share")]
            shapes += [
                Point(place, label, "z")
                for place, label in zip(places, "A" + " " * (self.points - 2) + "B", strict=True)
            ]
            numbers |= {"mu_A": f"{places[0][0]:.2f}", "mu_B": f"{places[-1][0]:.2f}"}
        alt = "The straight line from the code of face A to that of face B, with points on it"
        return Plane(shapes, limit, alt, Z_LABEL, name="z share", grow=12), numbers

    def formula(self) -> Formula:
        """The straight line, decoded."""
        share = Symbol("share", "w", "how far it is from A to B")
        first, other = (
            Symbol(f"mu_{c}", sub("μ", c), f"the mean of face {c}'s cloud") for c in "AB"
        )
        return Formula(
            Line(Z, "=", "(", "1", "−", share, ")", first, "+", share, other, at="shown"),
            Line(REBUILT, "=", "Decoder", "(", Z, ")", at="shown"),
            source="Numbers in the first of the two dimensions shown.",
        )

    def listings(self) -> Sequence[Listing]:
        """The line and the decoder."""
        return (
            Listing(interpolate, {"shown": ("weights", "return")}),
            Listing(VAE.decode, {"shown": ("out", "return")}),
        )


class Adversarial(Idea):
    """Two games: one in balance, one that collapsed."""

    says = "Two networks compete: sharp results, unstable training."
    games = (("gan", "balanced"), ("gan-collapsed", "collapsed"))

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """Nine faces of each."""
        results = [
            Result(context, f"{model}.sample", n=9, seed=seed, **more)
            for (model, _), more in zip(self.games, ({"truncation": 1.0}, {}), strict=True)
        ]
        return self._each(results, self._played, self.outline(context, seed))

    def outline(self, context: Context, seed: int) -> Scene:
        """Two generators, two discriminators, and no faces."""
        return self._played([])

    def _played(self, known: Sequence[Progress]) -> Scene:
        sheets = [known[i].view.images if i < len(known) else None for i in range(len(self.games))]
        games = [
            Row(
                (
                    Machine("decoder", "Generator", name="drawn", grow=2),
                    Picture(images, f"Nine faces of the {name} game", name, 3, 9,
                            name=f"drawn apart_{name}", grow=17, result=True),
                    Machine("encoder", "Discriminator", name="judged", grow=2),
                )
            )
            for images, (_, name) in zip(sheets, self.games, strict=True)
        ]  # fmt: skip
        apart = [None if images is None else difference(images) for images in sheets]
        most = max((value for value in apart if value is not None), default=1.0)
        bars = [
            Bar(name, value and value / most, "" if value is None else f"{value:.0f}", second=i > 0)
            for i, (value, (_, name)) in enumerate(zip(apart, self.games, strict=True))
        ]
        label = "How different two of nine faces are, levels of 255"
        told = [
            f"Two faces of the {name} game differ by {value:.0f} of 255 levels."
            for value, (_, name) in zip(apart, self.games, strict=True)
            if value is not None
        ]
        numbers = {
            f"apart_{name}": f"{value:.0f}"
            for value, (_, name) in zip(apart, self.games, strict=True)
            if value is not None
        }
        text = " ".join(told) or "Two pairs of generator and discriminator, no faces yet."
        below = Bars(label, bars, name="apart_balanced apart_collapsed", grow=3)
        return self._scene(Row(games, grow=14), below, text=text, numbers=numbers, done=bool(told))

    def formula(self) -> Formula:
        """Either network's loss, and how different the faces are."""
        drawn = Symbol("drawn", row("G", "(", "z", ")"), "a face that the generator draws")
        judged = Symbol("judged", "D", "how real the discriminator finds a face")
        apart = [
            Symbol(f"apart_{name}", "d", f"difference of two faces, {name}")
            for _, name in self.games
        ]
        pair = row(sub("x", "i"), ",", sub("x", "j"))
        real, fake = row(judged, "(", "x", ")"), row(judged, "(", drawn, ")")
        return Formula(
            Line(sub("L", "D"), "=", "softplus", "(", fake, "−", real, ")", at="shown"),
            Line(sub("L", "G"), "=", "softplus", "(", real, "−", fake, ")", at="shown"),
            *(Line(value, "=", "RMSE", "(", pair, ")", at="shown") for value in apart),
            source="x is a real face. The losses are those of the balanced game. Goodfellow et "
            "al., 2014; Jolicoeur-Martineau, 2018.",
        )  # fmt: skip

    def listings(self) -> Sequence[Listing]:
        """The loss, the generator, the difference."""
        return (
            Listing(relativistic_loss, {"shown": ("return",)}),
            Listing(Generator.synthesize),
            Listing(difference, {"shown": ("return",)}),
        )


def difference(images: Tensor) -> float:
    """Mean RMSE of two different images of [n, C, H, W], in levels of 255."""
    rows = images.flatten(1)
    return float(torch.pdist(rows).mean()) / math.sqrt(rows.shape[1]) / LEVEL


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
        return self._scene(
            Row(pictures, grow=14), below, text=text, numbers=numbers, done=bool(shown)
        )

    def formula(self) -> Formula:
        """Classifier-free guidance."""
        return Formula(
            Line(GUESS, "=", PLAIN, "+", SCALE, "(", PROMPTED, "−", PLAIN, ")", at="shown"),
            source="Ho & Salimans, Classifier-Free Diffusion Guidance, 2022, equation 6.",
        )

    def listings(self) -> Sequence[Listing]:
        """It is one line."""
        return (Listing(guide, {"shown": ("return",)}),)


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

"""Slide 6: the family tree grows, and what runs here draws as its year is reached."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, Result
from app.demos.kit import (
    Branch,
    Formula,
    Line,
    Listing,
    Node,
    Scene,
    Symbol,
    Tree,
    fraction,
    hat,
    row,
    sub,
    sup,
)
from app.demos.parameters import Parameters
from app.demos.prompts.suggestions import suggestions, worlds
from models.families.autoregressive import token_probabilities
from models.families.diffusion import dpm_solver_step
from models.families.flow_matching import euler_step
from models.families.vae import VAE
from models.parts.autoencoder import Autoencoder
from models.procedures.flow import FlowSampler
from models.procedures.gan import GANSampler

FIRST, LAST = 2013, 2025

DRAWN_BY = {
    "vae": "a small convolutional VAE, trained on the objective of 2013",
    "gan": "a small GAN with the styles of StyleGAN2 (2020)",
    "flow": "a flow of transformers (TarFlow, 2024), with guidance and a denoising step",
    "diffusion": "a text-guided diffusion model with the solver DPM-Solver++ (2022)",
    "autoregressive": "a transformer over image tokens of finite scalar quantization (2023)",
    "latent-diffusion": "a small latent diffusion model with the solver DPM-Solver++ (2022)",
    "flow-matching": "a small flow-matching model with Euler's steps",
}
"""Model → what it is, which is often younger than the milestone."""

NODES = (
    Node(2013, 1, "VAE", "vae", 1, "demo=prior", model="vae"),
    Node(2014, 0, "GAN", "gan", 2, "demo=fresh", "left", model="gan"),
    Node(2015, 0, "DCGAN", "gan", 2, "demo=film", beside=2014),
    Node(2015, 2, "Normalizing\nflows", "flow", 3, "demo=flow", "left", model="flow"),
    Node(2018, 0, "StyleGAN, BigGAN", "gan", 2, "demo=fresh", "below", model="gan"),
    Node(2020, 2, "DDPM", "diffusion", 4, "demo=denoise", "left", model="diffusion"),
    Node(
        2021, 0, "DALL-E 1", "autoregressive", 3, "demo=tokens", model="autoregressive"
    ),
    Node(2022, 1, "Latent\ndiffusion", "latent", 7, "demo=prompt", model="latent-diffusion"),
    Node(
        2023, 1, "SDXL,\nDALL-E 3,\nMidjourney v5", "latent", 7, low=True, beside=2022
    ),
    Node(
        2024, 2, "Flux,\nSD3", "diffusion", 6, "demo=paths", "left", low=True,
        model="flow-matching",
    ),
    Node(2025, 0, "Consistency\nmodels,\nhybrids", "winner", 5, side="here"),
)  # fmt: skip
LINES = (
    (2018, Branch(((1, 0), (5, 0)), "gan")),
    (2021, Branch(((0, 1), (7.3, 1), (8, 0)), "vae")),
    (2022, Branch(((0, 1), (9, 1)), "vae", "a space to sample in", (4, 1))),
    (2022, Branch(((7.8, 2), (9, 1)), "diffusion")),
    (
        2024,
        Branch(
            ((2, 2), (4.6, 2), (5.8, 2.53), (11.2, 2.53), (11.6, 2.2)),
            "flow",
            "paths from\nnoise to image",
            (5, 2),
        ),
    ),
    (2024, Branch(((9.5, 1), (11, 2)), "latent")),
    (2025, Branch(((5, 0), (7.4, 0), (8.2, -0.53), (10.8, -0.53), (12, 0)), "gan")),
    (2025, Branch(((8, 0), (12, 0)), "autoregressive")),
    (2025, Branch(((9.8, 1), (12, 0)), "latent")),
)
"""Year → a line of descent that ends in it: the codes of the VAE in the tokens of DALL-E 1 and in
latent diffusion, the flow in flow matching, GANs and autoregression in hybrids."""
YEARS = tuple(dict.fromkeys(node.year for node in NODES))

Drawings = Mapping[tuple[int, str], tuple[Tensor, str]]
"""Year and model → its picture, and what it is."""


class Timeline(Demo[Parameters]):
    """The tree grows."""

    name, slide, order, family = "timeline", 6, 1, "winner"
    models = tuple(dict.fromkeys(node.model for node in NODES if node.model))

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """A frame a year, once its models have drawn."""
        drawings: dict[tuple[int, str], tuple[Tensor, str]] = {}
        seconds, numbers = 0.0, dict[str, str]()
        for i, year in enumerate(YEARS, 1):
            new = [node for node in NODES if node.year == year]
            for model in [node.model for node in new if node.model]:
                drawing, what = _asked(context, model, p.seed, later=year == 2018)
                if drawings:
                    await drawing.wait()
                else:
                    opening = drawing.frames("The tree grows.", len(YEARS), _scene())
                    async with aclosing(opening) as frames:
                        async for frame in frames:
                            yield frame
                drawings[year, model] = drawing.end.view.images[-1], what
                numbers[model] = f"{drawing.end.seconds:.2f} s"
                seconds += drawing.end.seconds
            scene = _scene(year, drawings, dict(numbers))
            yield Frame(_note(new), i, len(YEARS), seconds, i == len(YEARS), scene=scene)

    def outline(self, context: Context, p: Parameters) -> Scene:
        """The tree to be."""
        return _scene()

    def formula(self, p: Parameters) -> Formula:
        """One line a family: what it does to draw."""
        made = {
            model: Symbol(model, sub("x", short), f"{words}; its time")
            for model, short, words in SHORT
        }
        kept = Symbol("kept", "k", "share that a step keeps, by the noise schedule")
        guess = Symbol("guess", hat("x"), "the network's guess of the image")
        token = sub("c", "i")
        return Formula(
            Line(made["vae"], "=", "Decoder", "(", "z", ")", at="vae"),
            Line(made["gan"], "=", "G", "(", "z", ")", at="gan"),
            Line(made["flow"], "=", sup("f", row("−", "1")), "(", "z", ")", at="flow"),
            Line(
                made["diffusion"], "←", kept, made["diffusion"].bare, "+", "(", sub("α", "s"),
                "−", kept.bare, sub("α", "t"), ")", guess, at="diffusion",
            ),
            Line(
                made["autoregressive"], ":", token, "∼", "p", "(", token, "|",
                sub("c", row("<", "i")), ")", at="autoregressive",
            ),
            Line(made["latent-diffusion"], "=", "Decoder", "(", sub("z", "0"), ")",
                 at="latent-diffusion"),
            Line(
                made["flow-matching"], "←", made["flow-matching"].bare, "−", "Δt",
                fraction(row(made["flow-matching"].bare, "−", guess.bare), "t"),
                at="flow-matching",
            ),
            source="z is noise; c, tokens of an image. In latent diffusion z is led to z₀ as x is "
            "in diffusion, whose guess is carried on from the step before. The flow's picture is "
            "denoised once more.",
        )  # fmt: skip

    def listings(self, p: Parameters) -> Sequence[Listing]:
        """One function a family."""
        return (
            Listing(VAE.decode, {"vae": ("out",)}),
            Listing(GANSampler.step, {"gan": ("self._draw",)}),
            Listing(FlowSampler.step, {"flow": ("super().step", "self._walk")}),
            Listing(dpm_solver_step, {"diffusion": ("return",)}),
            Listing(token_probabilities, {"autoregressive": ("return (logits",)}),
            Listing(Autoencoder.decode, {"latent-diffusion": ("out",)}),
            Listing(euler_step, {"flow-matching": ("return",)}),
        )


SHORT = (
    ("vae", "VAE", "picture by the VAE"),
    ("gan", "GAN", "picture by the GAN"),
    ("flow", "flow", "picture by the flow"),
    ("diffusion", "diff", "picture by diffusion"),
    ("autoregressive", "AR", "picture by tokens"),
    ("latent-diffusion", "LD", "picture by latent diffusion"),
    ("flow-matching", "FM", "picture by flow matching"),
)
"""Model, how its picture is called in the formula, and in words."""


def _asked(context: Context, model: str, seed: int, later: bool) -> tuple[Result, str]:
    """One picture, of two if the family has drawn before, and what it is."""
    procedure = f"{model}.sample"
    prompted = "prompt" in context.zoo.procedure(procedure).parameters.bounds()
    prompts = suggestions(worlds(context, model)) if prompted else ()
    asked = {"prompt": prompts[seed % len(prompts)]} if prompts else {}
    what = f"“{asked['prompt']}”" if asked else "a face"
    return Result(context, procedure, n=2 if later else 1, seed=seed, **asked), what


def _note(new: Sequence[Node]) -> str:
    """What came, and what has drawn it here, which is often younger."""
    titles = ", ".join(node.words for node in new)
    drawn = [DRAWN_BY[node.model] for node in new if node.model]
    by = f"Drawn by {' and '.join(drawn)}." if drawn else "No model of this kind runs here."
    return f"{new[0].year}: {titles}. {by}"


def _scene(
    now: int = 0, drawings: Drawings | None = None, numbers: Mapping[str, str] | None = None
) -> Scene:
    """The tree as it was in a year; before the first, its outline."""
    drawings = drawings or {}
    nodes = [_shown(node, now, drawings.get((node.year, node.model))) for node in NODES]
    branches = [replace(branch, reached=year <= now) for year, branch in LINES]
    at = " ".join(node.model for node in NODES if node.year == now and node.model)
    root = Tree(nodes, branches, FIRST, LAST, now, result=True)
    return Scene(root, _told(now, drawings), at, numbers or {})


def cover_tree(context: Context) -> Tree:
    """All of its lines, and outlines for what the browser is to ask the models here for."""
    here = set(context.zoo.names()) - context.problems.keys()
    nodes = [node if node.model in here else replace(node, model="") for node in NODES]
    branches = [replace(branch, reached=True) for _, branch in LINES]
    return Tree(nodes, branches, FIRST, LAST, LAST)


def _shown(node: Node, now: int, drawn: tuple[Tensor, str] | None) -> Node:
    image, what = drawn or (None, "")
    return replace(
        node, image=image, alt=f"{what}, by {node.model}" if drawn else "",
        reached=node.year <= now, lit=node.year == now,
    )  # fmt: skip


def _told(now: int, drawings: Drawings) -> str:
    if not now:
        return f"A family tree along the years {FIRST} to {LAST}, to be grown."
    known = ", ".join(f"{node.words} ({node.year})" for node in NODES if node.year <= now)
    drawn = "; ".join(f"{model} drew {what}" for (_, model), (_, what) in drawings.items())
    return f"The tree up to {now}: {known}. Here {drawn}."

"""What the report says around its tables, in Markdown; what has no figures is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.data.names import DATASETS
from models.evaluation import tables
from models.evaluation.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.runtime.checkpoint import Card


def paragraphs(
    cards: Sequence[Card], known: dict[str, Any], photos: Sequence[Card], curves: Sequence[Card]
) -> Iterator[str]:
    """The report, piece by piece; see :func:`models.evaluation.report.report`.

    Args:
        curves: cards that keep a learning curve.
    """
    evaluations = [card["measured"]["evaluation"] for card in (*cards, *photos)]
    commands = [each["command"] for each in evaluations]
    hardware = sorted({each["hardware"] for each in evaluations})
    yield from _quality(cards, known)
    yield from _control(cards)
    for world in WORLDS:
        if world != "faces" and (drawn := tables.drawing(cards, world)):
            yield from _world(world, drawn, known[world])
    yield from _spoken(cards)
    yield from _likelihood(cards)
    yield from _cost(cards)
    yield from _savings(cards)
    yield from _end(photos, curves, commands, hardware)


def _took_part(cards: Sequence[Card], study: str) -> bool:
    return any(study in card["measured"] for card in cards)


def _quality(cards: Sequence[Card], known: dict[str, Any]) -> Iterator[str]:
    """How good and how varied the samples are."""
    yield (
        "# Evidence\n"
        "\n"
        "Written by `python -m models.evaluation all` from the models' cards; do not edit. "
        "Every set is\n"
        "compared with as many faces of the test split. The Fréchet distance (FD) is taken in "
        "the features\n"
        "of the frozen attribute judge, so it sees what is drawn and hardly how sharply: a "
        "blur or noise\n"
        "that anyone sees at once adds little to it. The sliced Wasserstein distance (SWD, "
        "×1000) of patches\n"
        "at 64, 32 and 16 pixels sees that. Neither is on the scale of a published FID: read "
        "them against\n"
        "the floor, which real faces score, and against the sets spoilt on purpose.\n"
        "Lower is better for distances; precision, recall, density and coverage are better "
        "high. Sharpness is\n"
        'the energy of the finest detail over that of real faces. "Nearest" is the median '
        "distance to the\n"
        "nearest training face in 1/255: far below the floor's would mean memorized faces.\n"
        "\n"
        "## Quality and diversity, "
    )
    yield "{:,}".format(known["count"])
    yield (" samples each\n\n")
    yield tables.quality(cards, known["faces"])
    yield "\n"
    yield from _photographs(cards, known["faces"])
    unprompted = tables.compared(cards, "samples_unprompted")
    if unprompted:
        yield (
            "Models that read prompts were asked for the captions of the training faces that "
            "make the\n"
            "floor, without guidance: a perfect model would score the floor. Without a prompt "
            "they\n"
            "draw less well, since only an eighth of their training had none; here beside "
            "what as many\n"
            "training faces score:\n"
            "\n"
        )
        yield unprompted
        yield "\n"
    unguided = tables.compared(cards, "samples_unguided")
    if unguided:
        yield (
            "The flow's samples are guided away from what a reader with blurred attention "
            "expects.\n"
            "Drawn from the density itself, whose likelihood is given below, they score:\n"
            "\n"
        )
        yield unguided
        yield "\n"
    twins = tables.twins(cards)
    if twins:
        yield (
            "Share of grids of 64 in which two faces have all ten attributes in common, as "
            "the judge\n"
            "reads them, of models that read no prompt; among test faces it is "
        )
        yield tables.twins_of_real(cards)
        yield (":\n\n")
        yield twins
        yield "\n"
    yield ("![Fréchet distance against seconds for sixteen faces](evidence.svg)\n\n")


def _photographs(
    cards: Sequence[Card], known: dict[str, Any], world: str = "faces"
) -> Iterator[str]:
    """The same samples, as a network sees them that was trained on photographs."""
    if seen := tables.photographs(cards, known, world):
        yield (
            "The same samples in the features of EfficientNet-Lite2, a network of photographs "
            "that no loss\n"
            "has used: Fréchet distance of the 256 components in which real ones differ most, "
            "and kernel\n"
            "distance (KD) of all 1,280. They see blur and noise:\n\n"
        )
        yield seen
        yield "\n"


def _control(cards: Sequence[Card]) -> Iterator[str]:
    """Whether pictures show what was asked for."""
    yield (
        "## Does the picture show the prompt?\n"
        "\n"
        "Share of captioned attributes that the judge reads off the picture; in brackets the\n"
        "share of captions of which every attribute is right, and the share of pictures whose\n"
        "own caption CLIP ranks first among 128. Held-out pairs of attributes never occur\n"
        "together in training.\n"
        "\n"
    )
    yield tables.control(cards)
    yield "\n"
    likeness = tables.compared(cards, "prompts", "likeness")
    if likeness:
        yield (
            "Samples for captions of the test split, with guidance, compared with the faces "
            "that the\n"
            "captions describe. Since both show the same attributes, they may come nearer "
            "than training\n"
            "faces, which show others:\n"
            "\n"
        )
        yield likeness
        yield "\n"


def _world(world: str, cards: Sequence[Card], known: dict[str, Any]) -> Iterator[str]:
    """A further world: the same figures, of the models that draw it.

    Args:
        cards: hold what was measured of this world.
    """
    yield (
        f"## {DATASETS[world]}\n"
        "\n"
        f"The same figures for the models that draw {world}, too: beside {world} of the test\n"
        f"split, in the features of the judge of {world}, for their captions.\n"
        "\n"
    )
    yield tables.quality(cards, known, world)
    yield "\n"
    yield tables.control(cards)
    yield "\n"
    likeness = tables.compared(cards, "prompts", "likeness")
    if likeness:
        yield f"Samples for captions of the test split, with guidance, beside those {world}:\n\n"
        yield likeness
        yield "\n"


def _spoken(cards: Sequence[Card]) -> Iterator[str]:
    """Whether pictures show what people say in their own words."""
    table = tables.spoken(cards)
    if table:
        yield (
            "## Prompts in people's own words\n"
            "\n"
            "Written by hand, as a lecture hall would say and type them, and not by the writer of "
            "the\n"
            "captions that the models learned (`models/evaluation/spoken.toml`): share of what "
            "the words\n"
            "ask for that the judge finds, and share of pictures in which nothing is wrong.\n"
            "\n"
        )
        yield table
        yield "\n"


def _likelihood(cards: Sequence[Card]) -> Iterator[str]:
    """What is known of likelihoods, and whose weights began with another's."""
    yield ("## Likelihood\n\n")
    yield tables.likelihood(cards)
    yield (
        "\n"
        "A bound may be far from the likelihood. Diffusion's training weighs the almost\n"
        "noise-free steps lightly, since no eye sees them; in the bound a Gaussian decoder "
        "takes\n"
        "their place, from the step on that is best for training faces.\n"
        "\n"
    )
    origins = tables.origins(cards)
    if origins:
        yield (
            "## Weights taken over\n"
            "\n"
            "Some networks went on from the weights that another model had then; that model "
            "has been trained\n"
            "on since. Models with a common beginning are no comparison of two trainings from "
            "random weights.\n"
            "\n"
        )
        yield origins
        yield "\n"


def _cost(cards: Sequence[Card]) -> Iterator[str]:
    """What a sample costs, and what steps and seeds change."""
    yield ("## Cost\n\n")
    yield tables.cost(cards)
    yield "\n"
    if _took_part(cards, "steps"):
        yield (
            "## Steps\n"
            "\n"
            "Fréchet distance when the same noises are taken to faces in fewer or more steps\n"
            "(heads of the columns), without a prompt, or for captions where the model would draw\n"
            "another world, too; fewer samples score higher. DDIM and Euler are the same\n"
            "first-order step on the two models' paths; DPM-Solver++ is of second order.\n"
            "\n"
        )
        yield tables.steps(cards)
        yield "\n"
    if _took_part(cards, "stability"):
        yield (
            "## Stability\n"
            "\n"
            "Small versions on 32×32 faces, five seeds at each of three learning rates, as many\n"
            "images for each. A run whose Fréchet distance is over twice the family's best has\n"
            "failed; the spread is the deviation of the others' distances over their mean.\n"
            "\n"
        )
        yield tables.stability(cards)
        yield "\n"


def _savings(cards: Sequence[Card]) -> Iterator[str]:
    """What latents save."""
    yield (
        "## What latents save\n"
        "\n"
        "The same network, fed 128×128 pixels as 4×4 patches or their latent, eight images at\n"
        "a time. The chapter says 10 to 100 times cheaper, of 1024×1024 pixels.\n"
        "\n"
    )
    yield tables.savings(cards)
    yield "\n"


def _end(
    photos: Sequence[Card], curves: Sequence[Card], commands: Sequence[str], hardware: Sequence[str]
) -> Iterator[str]:
    """Photographs, learning curves, and how all of it was measured."""
    yield (
        "## Fashion-MNIST\n"
        "\n"
        "Photographs, 28×28 gray pixels, beside published figures: bits per dimension of the\n"
        "10,000 test photos, lower is better. The Fréchet distance is in the features of our\n"
        "own classifier of clothes, not on the scale of a published FID.\n"
        "\n"
    )
    yield tables.fashion(photos)
    yield "\n"
    if curves:
        yield (
            "## Learning curves\n"
            "\n"
            "Mean losses over each twentieth of a training, of models trained since curves "
            "are kept.\n"
            "A curve that still falls at its end says that longer training would help; it "
            "also falls\n"
            "because the learning rate does, over the last two fifths.\n"
            "\n"
            "![Losses over the images trained on](learning.svg)\n"
            "\n"
        )
    yield "Measured on "
    yield ", ".join(hardware)
    yield (", by\n\n")
    for command in commands:
        yield "- `"
        yield command
        yield "`\n"

"""What the engine relies on, for every procedure of every shipped model.

A result depends on its request alone: not on who shares the batch or when they came, not on how
often it was looked at, not on how many further images were asked for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery
from models.evaluation.evidence import sampling_models
from models.families.vq_vae import QUANTIZERS
from models.runtime.sampler import Request, Sampler, State, View
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

PROMPT = "a laughing person with a red afro and glasses, on a yellow background"
ZOO = Zoo()


def faces(n: int, size: int = 64, first: int = 0) -> Tensor:
    return gallery(size).images[first : first + n]


def photos(n: int) -> Tensor:
    """Gray 28×28 images: faces, since the photographs themselves are not shipped."""
    return faces(n)[:, :1, 18:46, 18:46].clone()


def vectors(n: int, *shape: int) -> Tensor:
    return torch.randn(n, *shape, generator=torch.Generator().manual_seed(3))


def codebook_request(quantizer: str, action: str, n: int, **more: int) -> Request[Any]:
    return ZOO.request(f"codebook-{quantizer}.{action}", n=n, images=faces(n), **more)


REQUESTS: dict[str, Callable[[int], Request[Any]]] = {
    "vae.sample": lambda n: ZOO.request("vae.sample", n=n, temperature=0.9),
    "vae.reconstruct": lambda n: ZOO.request("vae.reconstruct", n=n, images=faces(n)),
    "vae.interpolate": lambda n: ZOO.request("vae.interpolate", images=faces(2), points=max(n, 2)),
    "vae.encode": lambda n: ZOO.request("vae.encode", n=n, images=faces(n)),
    "vae.decode": lambda n: ZOO.request("vae.decode", n=n, latents=vectors(n, 128)),
    "vae-prior.sample": lambda n: ZOO.request("vae-prior.sample", n=n, num_steps=5),
    "gan.sample": lambda n: ZOO.request("gan.sample", n=n, truncation=0.8),
    "gan.mix": lambda n: ZOO.request("gan.mix", n=1, seed_b=5, layers="middle"),
    "gan.film": lambda n: ZOO.request("gan.film", n=n),
    "gan.judge": lambda n: ZOO.request("gan.judge", n=n, images=faces(n)),
    "gan-collapsed.judge": lambda n: ZOO.request("gan-collapsed.judge", n=n, images=faces(n)),
    "gan-collapsed.sample": lambda n: ZOO.request("gan-collapsed.sample", n=n),
    "gan-collapsed.mix": lambda n: ZOO.request("gan-collapsed.mix", n=1, seed_b=5),
    "gan-collapsed.film": lambda n: ZOO.request("gan-collapsed.film", n=n),
    "flow.sample": lambda n: ZOO.request("flow.sample", n=n, temperature=0.8),
    "flow.roundtrip": lambda n: ZOO.request("flow.roundtrip", n=n, images=faces(n)),
    "flow.encode": lambda n: ZOO.request("flow.encode", n=n, images=faces(n)),
    "flow.decode": lambda n: ZOO.request("flow.decode", n=n, latents=vectors(n, 3, 64, 64)),
    **{
        f"codebook-{quantizer}.reconstruct": partial(codebook_request, quantizer, "reconstruct")
        for quantizer in QUANTIZERS
    },
    **{
        f"codebook-{quantizer}.replace": partial(
            codebook_request, quantizer, "replace", place=27, code=5
        )
        for quantizer in QUANTIZERS
    },
    "autoregressive.sample": lambda n: ZOO.request(
        "autoregressive.sample", n=n, prompt=PROMPT, temperature=0.9, explain=True
    ),
    "autoregressive.complete": lambda n: ZOO.request(
        "autoregressive.complete", n=n, images=faces(n), prompt=PROMPT
    ),
    "diffusion.sample": lambda n: ZOO.request(
        "diffusion.sample", n=n, prompt=PROMPT, num_steps=4, guidance_scale=2.0
    ),
    "diffusion.noise": lambda n: ZOO.request("diffusion.noise", n=n, images=faces(n), num_steps=4),
    "flow-matching.sample": lambda n: ZOO.request(
        "flow-matching.sample", n=n, prompt=PROMPT, num_steps=4
    ),
    "clip.match": lambda n: ZOO.request("clip.match", n=n, images=faces(n), prompt=PROMPT),
    "latent-diffusion.sample": lambda n: ZOO.request(
        "latent-diffusion.sample", n=n, prompt=PROMPT, num_steps=3, attention=True
    ),
    "latent-diffusion.autoencode": lambda n: ZOO.request(
        "latent-diffusion.autoencode", n=n, images=faces(n, 128)
    ),
    "fashion-flow.sample": lambda n: ZOO.request("fashion-flow.sample", n=n, temperature=0.8),
    "fashion-flow.roundtrip": lambda n: ZOO.request(
        "fashion-flow.roundtrip", n=n, images=photos(n)
    ),
    "fashion-flow.encode": lambda n: ZOO.request("fashion-flow.encode", n=n, images=photos(n)),
    "fashion-flow.decode": lambda n: ZOO.request(
        "fashion-flow.decode", n=n, latents=vectors(n, 1, 28, 28)
    ),
    "fashion-autoregressive.sample": lambda n: ZOO.request(
        "fashion-autoregressive.sample", n=n, temperature=0.9
    ),
    "fashion-diffusion.sample": lambda n: ZOO.request(
        "fashion-diffusion.sample", n=n, prompt="a sneaker", num_steps=4
    ),
}
"""Procedure → a request for n images, where that needs more than a number and a seed."""

PIXELS = {"latent-diffusion": 128, **dict.fromkeys(sampling_models("fashion"), 28)}
FIXED_COUNT = {"vae.interpolate", "gan.mix", "gan-collapsed.mix"}
"""Their number of images is no plain n."""
SEEDLESS = {
    "vae.interpolate", "vae.decode", "flow.decode", "latent-diffusion.autoencode",
    "fashion-flow.decode", "clip.match", "gan.judge", "gan-collapsed.judge",
    *(f"codebook-{quantizer}.{action}" for quantizer in QUANTIZERS
      for action in ("reconstruct", "replace")),
}  # fmt: skip
"""Nothing is drawn, so no seed can matter."""
STEPS_FIRST = {"path", "logdets"}
"""Extras whose first axis is the steps; that of the images is the second."""

each_procedure = pytest.mark.parametrize("name", ZOO.procedures())


def request_of(name: str, n: int) -> Request[Any]:
    """A request for n images of a procedure."""
    return REQUESTS[name](n) if name in REQUESTS else ZOO.request(name, n=n)


def advance(sampler: Sampler[Any, Any], states: list[Any]) -> None:
    """One step of every unfinished state, together where keys agree, as the engine does it."""
    groups: dict[object, list[Any]] = {}
    for state in states:
        if not state.done:
            groups.setdefault(state.key, []).append(state)
    for group in groups.values():
        sampler.step(group)


@cache
def alone(name: str, n: int, seed: int) -> View:
    """What a procedure makes of a request on its own; slow ones are run once for all tests."""
    return ZOO.sampler(name).run(replace(request_of(name, n), seed=seed))


def parts(view: View) -> dict[str, Tensor]:
    """Everything of a view that can be compared as numbers."""
    tensors = {k: v for k, v in view.extras.items() if isinstance(v, Tensor)}
    return {"images": view.images, **tensors}


def differences(a: View, b: View) -> dict[str, float]:
    mine, theirs = parts(a), parts(b)
    assert mine.keys() == theirs.keys()
    return {k: float((mine[k].float() - theirs[k].float()).abs().max()) for k in mine}


def close(a: View, b: View) -> bool:
    """Equal up to what another batch size changes in floating point.

    A likelihood is a sum of 12,288 terms of some units each, so it is compared relatively.
    """
    scale = {k: 1 + float(v.float().abs().max()) for k, v in parts(a).items()}
    return all(gap <= 2e-3 * scale[k] for k, gap in differences(a, b).items())


def cut(view: View, n: int) -> View:
    """The first n images' share of a view."""
    whole, extras = len(view.images), dict(view.extras)
    for name, value in view.extras.items():
        axis = int(name in STEPS_FIRST)
        if isinstance(value, Tensor) and value.shape[axis] == whole:
            extras[name] = value.narrow(axis, 0, n)
    return View(view.images[:n], extras)


def test_every_procedure_that_is_given_something_has_a_request_here() -> None:
    given = {name for name in ZOO.procedures() if ZOO.procedure(name).takes}
    assert given <= set(REQUESTS) <= set(ZOO.procedures())


@each_procedure
def test_alone_equals_batched_even_when_joining_late(name: str) -> None:
    sampler = ZOO.sampler(name)
    mine = replace(request_of(name, 3), seed=11)
    others = [replace(request_of(name, 2), seed=seed) for seed in (12, 13)]
    with torch.inference_mode():
        early, me = sampler.start(others[0]), sampler.start(mine)
        advance(sampler, [early])
        advance(sampler, [early, me])
        late = sampler.start(others[1])
        while not (me.done and early.done and late.done):
            advance(sampler, [late, early, me])
        together = sampler.finish(me)
    single = alone(name, 3, 11)
    assert close(single, together), differences(single, together)


@each_procedure
def test_fewer_images_are_the_first_of_more(name: str) -> None:
    more, fewer = alone(name, 3, 11), alone(name, 3 if name in FIXED_COUNT else 2, 11)
    same = cut(more, len(fewer.images))
    assert close(same, fewer), differences(same, fewer)


@each_procedure
def test_looking_changes_nothing_and_progress_is_counted(name: str) -> None:
    sampler = ZOO.sampler(name)
    request = replace(request_of(name, 2), seed=11)
    with torch.inference_mode():
        state: State = sampler.start(request)
        total = state.total
        assert (state.step, state.done) == (0, False)
        for done in range(1, total + 1):
            if done % max(1, total // 8) == 0:
                shown(sampler.preview(state), name)
            sampler.step([state])
            assert (state.step, state.total) == (done, total)
        assert state.done
        seen = sampler.finish(state)
    shown(seen, name)
    assert max(differences(alone(name, 2, 11), seen).values()) == 0


def shown(view: View, name: str) -> None:
    """A view that a page can draw."""
    side = PIXELS.get(name.partition(".")[0], 64)
    assert view.images.shape[1:] == (3, side, side)
    assert view.images.isfinite().all()
    assert view.images.abs().max() <= 1


@each_procedure
def test_the_seed_decides(name: str) -> None:
    """That equal seeds give equal images is seen above."""
    n = 3 if name in FIXED_COUNT else 2
    changed = max(differences(alone(name, n, 11), alone(name, n, 12)).values())
    assert (changed == 0) == (name in SEEDLESS)


def extremes() -> list[tuple[str, str, Any]]:
    """Every parameter of every procedure at both ends of its range, and all choices."""
    found = []
    for name in ZOO.procedures():
        for bounds in ZOO.procedure(name).parameters.bounds().values():
            ends = (bounds.low, bounds.high) if bounds.low is not None else ()
            values = bounds.choices or ((False, True) if bounds.kind is bool else ends)
            found += [(name, bounds.name, bounds.kind(value)) for value in values]
    return found


@pytest.mark.parametrize(("name", "parameter", "value"), extremes())
def test_every_parameter_may_be_what_its_bounds_say(name: str, parameter: str, value: Any) -> None:
    """Networks of a few milliseconds a step go through all of them, others stop on the way."""
    sampler = ZOO.sampler(name)
    request = request_of(name, 2 if name in FIXED_COUNT else 1)
    request = replace(request, parameters=replace(request.parameters, **{parameter: value}))
    with torch.inference_mode():
        state = sampler.start(request)
        for _ in range(min(state.total, 200 if name.startswith("vae") else 3)):
            sampler.step([state])
        shown(sampler.finish(state), name)


@pytest.mark.parametrize("name", [n for n in ZOO.procedures() if n.endswith(".sample")])
def test_samples_are_pictures_and_differ(name: str) -> None:
    """Even the collapsed model's faces are no noise and no flat colour."""
    settings: dict[str, Any] = {"num_steps": 12} if "diffusion" in name else {}
    images = ZOO.sampler(name).run(ZOO.request(name, n=4, seed=3, **settings)).images
    assert images.std(dim=(1, 2, 3)).min() > 0.15
    assert torch.pdist(images.flatten(1)).min() > 0
    # Neighbouring pixels of white noise, clipped to [-1, 1], differ by about 0.8.
    assert (images[:, :, :, 1:] - images[:, :, :, :-1]).abs().mean() < 0.25


@pytest.mark.parametrize(
    "name", [n for n in ZOO.procedures() if "prompt" in ZOO.procedure(n).parameters.bounds()]
)
def test_the_prompt_matters(name: str) -> None:
    """For what is drawn, or for what is said of pictures that were given."""
    request = replace(request_of(name, 2), seed=11)
    asked = replace(request.parameters, prompt="blue bob, green background, sad")
    other = ZOO.sampler(name).run(replace(request, parameters=asked))
    told = "scores" if name == "clip.match" else "images"
    assert (parts(alone(name, 2, 11))[told] - parts(other)[told]).abs().mean() > 0.02

"""Every value that a procedure advertises gives a picture.

Numbers of steps up to a thousand are tried on small networks in ``procedures/test_diffusion.py``;
here a solver takes few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.gallery import gallery
from models.families.vq_vae import QUANTIZERS
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from models.runtime.parameters import Bounds

pytestmark = pytest.mark.slow

ZOO = Zoo()
NAMES = ZOO.procedures()
SOLVED = 3
"""Steps of a solver, at most."""
WAITED = {"flow", "autoregressive", "fashion-flow", "fashion-autoregressive"}
"""Models that take a second or more for a picture, and are asked for few."""
GRAY = gallery().images[:1, :1, 18:46, 18:46]
GIVEN = {
    "vae.reconstruct": {"images": gallery().images[:1]},
    "vae.interpolate": {"images": gallery().images[:2]},
    "vae.encode": {"images": gallery().images[:1]},
    "vae.decode": {"latents": gallery().images[:1].flatten(1)[:, :128]},
    "flow.roundtrip": {"images": gallery().images[:1]},
    "flow.encode": {"images": gallery().images[:1]},
    "flow.decode": {"latents": gallery().images[:1]},
    "gan.judge": {"images": gallery().images[:1]},
    "gan-collapsed.judge": {"images": gallery().images[:1]},
    "fashion-flow.roundtrip": {"images": GRAY},
    "fashion-flow.encode": {"images": GRAY},
    "fashion-flow.decode": {"latents": GRAY},
    "autoregressive.complete": {"images": gallery().images[:1]},
    "diffusion.noise": {"images": gallery().images[:1]},
    "clip.match": {"images": gallery().images[:1]},
    **{
        f"codebook-{quantizer}.{action}": {"images": gallery().images[:1]}
        for quantizer in QUANTIZERS
        for action in ("reconstruct", "replace")
    },
    "latent-diffusion.autoencode": {"images": gallery(128).images[:1]},
}


def values(bounds: Bounds) -> SearchStrategy[Any]:
    """All that a parameter may be, its ends more often than chance would."""
    if bounds.choices:
        return st.sampled_from(bounds.choices)
    if bounds.kind is bool:
        return st.booleans()
    if bounds.kind is str:
        return st.sampled_from(("", "a red afro", "xyz", "a" * (bounds.longest or 0)))
    if bounds.name == "num_steps":
        return st.integers(int(bounds.low or 1), max(int(bounds.low or 1), SOLVED))
    low, high = bounds.low, bounds.high
    assert low is not None
    assert high is not None
    if bounds.kind is int:
        inside: SearchStrategy[Any] = st.integers(int(low), int(high))
        return st.sampled_from((int(low), int(high))) | inside
    return st.sampled_from((float(low), float(high))) | st.floats(low, high)


@pytest.mark.parametrize("name", NAMES)
def test_every_value_within_the_bounds_gives_a_picture(name: str) -> None:
    sampler = ZOO.sampler(name)
    known = ZOO.procedure(name).parameters.bounds()

    few = name.partition(".")[0] in WAITED

    @settings(max_examples=3 if few else 10, deadline=None)
    @given(st.fixed_dictionaries({key: values(bounds) for key, bounds in known.items()}))
    def gives_a_picture(asked: dict[str, Any]) -> None:
        view = sampler.run(ZOO.request(name, n=1, seed=3, **asked, **GIVEN.get(name, {})))
        assert view.images.isfinite().all()
        if name != "diffusion.noise":  # which shows x_t, noise and all
            assert view.images.abs().max() <= 1

    gives_a_picture()

"""Whatever stands in the address or the body: an answer in words, never a failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.slow

NAMES = sorted({name for demo in DEMOS for name in demo.parameters.model_fields})
TEXT = st.text(max_size=300) | st.integers().map(str) | st.floats().map(str)
QUERY = st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
FEW = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,  # a run that fails can be repeated
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(demo=st.sampled_from(DEMOS), query=QUERY)
def test_every_address_of_a_slide_is_answered(
    client: TestClient, demo: object, query: dict[str, str]
) -> None:
    chosen = next(d for d in DEMOS if d is demo)
    answer = client.get(f"/slides/{chosen.slide}", params={**query, "demo": chosen.name})
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert len(answer.json()["detail"]) > 10


@FEW
@given(path=st.text(max_size=40), query=QUERY)
def test_every_slide_number_is_answered(
    client: TestClient, path: str, query: dict[str, str]
) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in path.encode("utf-8", "replace"))
    answer = client.get(f"/slides/{quoted}", params=query)
    assert answer.status_code < 500


@FEW
@given(
    name=st.sampled_from([*Zoo().names(), "nothing"]),
    action=st.sampled_from(["sample", "encode", "decode"]),
    body=JSON,
)
def test_every_body_of_the_api_is_answered(
    client: TestClient, name: str, action: str, body: object
) -> None:
    wrong = {"n": "many", "images": body, "latents": body, "seed": body}
    for sent in (body, wrong):
        answer = client.post(
            f"/api/v1/models/{name}/{action}",
            content=json.dumps(sent),
            headers={"content-type": "application/json"},
        )
        assert answer.status_code < 500
        assert answer.status_code == 200 or answer.json()["detail"]

"""The JSON API keeps to its own OpenAPI description, whatever is sent (schemathesis)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.factory import create_app
from app.settings import Settings
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.slow

SCHEMA = schemathesis.openapi.from_dict(create_app(Settings(warm_up=False)).openapi())
# A family that draws token by token has no fewer steps to ask for; test_properties asks it.
NAMES = [n for n in Zoo().names() if "autoregressive" not in n] + ["nothing"]
CAPS = {"n": (2, 256), "num_steps": (4, 1000)}


@SCHEMA.hook
def map_path_parameters(context: Any, parameters: dict[str, Any] | None) -> Any:
    """Any text becomes the name of a model, or of none."""
    if parameters and "name" in parameters:
        parameters["name"] = NAMES[sum(map(ord, str(parameters["name"]))) % len(NAMES)]
    return parameters


@SCHEMA.hook
def map_body(context: Any, body: Any) -> Any:
    """What is within its range becomes small: the answer is tested, not the processor."""
    if isinstance(body, dict):
        for name, (small, largest) in CAPS.items():
            if type(body.get(name)) is int and small < body[name] <= largest:
                body[name] = small
    return body


@SCHEMA.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,  # a run that fails can be repeated
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_to_its_description(client: TestClient, case: schemathesis.Case) -> None:
    sent = case.as_transport_kwargs(base_url="http://testserver")
    sent.pop("cookies", None)  # the app reads none but the presenter's
    sent["content"] = sent.pop("data", None)
    # No schema says which model encodes, or how long its latents are.
    case.validate_response(client.request(**sent), excluded_checks=[positive_data_acceptance])

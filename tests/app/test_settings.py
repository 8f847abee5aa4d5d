"""Settings: one table, documented, with errors that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, default, meaning in Settings.table():
        shown = "`checkpoints/`" if name == "GMFT_CHECKPOINTS" else f"`{default}`"
        assert f"| `{name}` | {shown} | {meaning} |" in text


def test_the_environment_is_read() -> None:
    settings = Settings.from_environment({"PORT": "81", "GMFT_WARM_UP": "no"})
    assert (settings.port, settings.warm_up, settings.host) == (81, False, "127.0.0.1")


def test_every_default_is_a_value_that_can_be_set() -> None:
    texts = {name: default for name, default, _ in Settings.table()}
    assert Settings.from_environment(texts) == Settings()


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.from_environment({"PORT": "", "HOST": " ", "GMFT_THREADS": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "99999"),
        ("PORT", "-1"),
        ("PORT", "9" * 5000),
        ("GMFT_CHECKPOINTS", "/there/is/no/such/folder"),
        ("GMFT_THREADS", "-1"),
        ("GMFT_THREADS", "1.5"),
        ("GMFT_BATCH_ROWS", "0"),
        ("GMFT_MAX_ACTIVE", "0"),
        ("GMFT_MAX_WAITING", "0"),
        ("GMFT_MAX_STREAMS", "0"),
        ("GMFT_STREAM_SECONDS", "0"),
        ("GMFT_STREAM_SECONDS", "-600"),
        ("GMFT_PRESENTER_KEY", "two words"),
        ("GMFT_PRESENTER_KEY", "schlüssel"),
        ("GMFT_MAX_BODY", "0"),
        ("GMFT_ROOT_PATH", "deck"),
        ("GMFT_ROOT_PATH", "/deck/"),
        ("GMFT_ROOT_PATH", "/"),
        ("GMFT_ROOT_PATH", "/.."),
        ("GMFT_ROOT_PATH", "//deck"),
        ("GMFT_PUBLIC_ORIGIN", "deck.example.org"),
        ("GMFT_PUBLIC_ORIGIN", "https://deck.example.org/deck"),
        ("GMFT_TRUSTED_PROXIES", "proxy.example.org"),
        ("GMFT_OPEN_METRICS", "2"),
        ("GMFT_ACCELERATE", "maybe"),
        ("GMFT_WARM_UP", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be .+, not "):
        Settings.from_environment({name: value})


def test_a_misspelt_setting_is_refused_and_the_right_one_named() -> None:
    with pytest.raises(ValueError, match="GMFT_MAX_ACTIV is no setting; did you mean GMFT_MAX_AC"):
        Settings.from_environment({"GMFT_MAX_ACTIV": "3"})

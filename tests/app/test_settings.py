"""Settings: one table, documented, with errors that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    for name, default, meaning in Settings.table():
        shown = "`checkpoints/`" if name == "GMFT_CHECKPOINTS" else f"`{default}`"
        assert f"| `{name}` | {shown} | {meaning} |" in text


def test_the_environment_is_read() -> None:
    settings = Settings.from_environment({"PORT": "81", "GMFT_WARM_UP": "no"})
    assert (settings.port, settings.warm_up, settings.host) == (81, False, "127.0.0.1")


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("GMFT_WARM_UP", "perhaps")])
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: value})

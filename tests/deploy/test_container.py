"""The container's user is told by number, since an orchestrator cannot look a name up."""

from __future__ import annotations

import re
from pathlib import Path

DOCKERFILE = (Path(__file__).parents[2] / "Dockerfile").read_text(encoding="utf-8")


def test_the_user_is_the_number_that_owns_the_files() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert user.isdigit()
    assert int(user) > 0
    assert f"--uid {user} deck" in DOCKERFILE

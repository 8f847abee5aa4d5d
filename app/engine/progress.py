"""What the engine publishes of a trajectory, and why there may be nothing to publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch

from models.runtime.sampler import View


class EngineFullError(RuntimeError):
    """No room for another play; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many plays are waiting. Please try again in a moment.")
        self.retry_after = retry_after


class PlayFailedError(RuntimeError):
    """There is no result; the message is for the user.

    Attributes:
        refused: whether the request was at fault, and not the model.
    """

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


@dataclass(frozen=True)
class Progress:
    """How far a trajectory is, and how it looks there.

    Attributes:
        step, total: steps done, of how many; ``total`` is 0 where there is no fixed end.
        seconds: since its first step began.
        compute: seconds spent in the batched steps it was part of.
        show: makes :attr:`view`; ``None`` while it waits.
        ahead: plays before it in the queue, 0 once it runs.
        wait: seconds until its turn may come, ``None`` if nobody knows.
        done: whether this is the end.
    """

    step: int
    total: int
    seconds: float
    compute: float
    show: Callable[[], View] | None
    ahead: int = 0
    wait: float | None = None
    done: bool = False

    @property
    def waits(self) -> bool:
        """Whether its turn has not come."""
        return self.show is None

    @cached_property
    @torch.inference_mode()
    def view(self) -> View:
        """What can be shown; making it may take a while.

        Raises:
            ValueError: it :attr:`waits`.
        """
        if self.show is None:
            raise ValueError("a play that waits has no picture yet")
        return self.show()

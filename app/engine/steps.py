"""What is done to trajectories: they begin, are told, take steps, and fail alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Protocol

import torch

from app.engine.limits import Limits
from app.engine.observer import Observer
from app.engine.pace import Pace
from app.engine.trajectory import FAILED, Trajectory
from app.machine.threads import compute_on
from app.sentences import say
from models.runtime.architecture import AnySampler
from models.runtime.checkpoint import CheckpointError
from models.runtime.device import DeviceError
from models.runtime.errors import RequestError
from models.runtime.sampler import State

log = logging.getLogger(__name__)


class Models(Protocol):
    """What the engine needs of :class:`models.runtime.zoo.Zoo`."""

    def sampler(self, procedure: str) -> AnySampler:
        """The sampler of ``model.procedure``."""


class Steps:
    """The work of a lane; nothing raises, a trajectory that cannot go on ends with a message.

    Args:
        models: where samplers come from.
        limits: of rows and threads.
        observer: is told of steps.

    Attributes:
        pace: learned from the steps.
        last: when the last one ended, on the monotonic clock; 0 before that.
    """

    def __init__(self, models: Models, limits: Limits, observer: Observer) -> None:
        self._models, self._limits, self._observer = models, limits, observer
        self.pace = Pace()
        self.last = 0.0

    def most_rows(self, procedure: str) -> int:
        """How many rows a step may have."""
        return min(self._limits.batch_rows, self.pace.rows(procedure))

    def begin(self, trajectory: Trajectory) -> None:
        """Start one, which may load its model first."""
        try:
            trajectory.begin(self._models.sampler(trajectory.procedure))
        except RequestError as error:
            trajectory.end(say(error), refused=True)
        except CheckpointError as error:
            trajectory.fail(str(error))
        except DeviceError as error:
            trajectory.fail(str(error))
        except Exception:
            log.exception("starting %s failed", trajectory.procedure)
            trajectory.fail("The model could not start this play.")

    def listen(self, trajectory: Trajectory) -> None:
        """Pass on what one was told."""
        try:
            trajectory.listen()
        except RequestError as error:
            trajectory.end(say(error), refused=True)
        except Exception:
            log.exception("telling %s something failed", trajectory.procedure)
            trajectory.fail(FAILED)

    def advance(self, batch: Sequence[Trajectory], crowd: int) -> None:
        """Advance a batch by a step; after one that fails, each tries that step alone.

        Args:
            crowd: how many trajectories take turns.
        """
        began = time.monotonic()
        well = self._step(batch)
        self.last = time.monotonic()
        for trajectory in batch:
            try:
                if trajectory.finished:
                    pass  # its device is lost
                elif well:
                    trajectory.advanced(self.last - began, crowd)
                elif len(batch) == 1:
                    trajectory.fail(FAILED)
                else:  # one of them is to blame, and all may be spoilt
                    trajectory.restart()
            except Exception:
                log.exception("%s failed after a step", trajectory.procedure)
                trajectory.fail(FAILED)
            if trajectory.finished:
                self.pace.ended()

    def _step(self, batch: Sequence[Trajectory]) -> bool:
        states: list[State] = [t.state for t in batch if t.state is not None]
        rows = sum(trajectory.rows for trajectory in batch)
        sampler, procedure = batch[0].sampler, batch[0].procedure
        assert sampler is not None
        compute_on(self.pace.cores(procedure) or self._limits.threads)
        began = time.monotonic()
        try:
            with torch.inference_mode(not sampler.trains):
                sampler.step(states)
        except DeviceError as error:
            for trajectory in batch:
                trajectory.fail(str(error))
            return False
        except Exception:
            log.exception("a step of %s failed", procedure)
            return False
        seconds = time.monotonic() - began
        self.pace.stepped(procedure, rows, seconds)
        self._observer.stepped(procedure, len(batch), rows, seconds)
        return True

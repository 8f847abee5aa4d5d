"""The step engine: worker threads run batched model steps for many plays at once."""

from app.engine.engine import Engine
from app.engine.limits import Limits
from app.engine.observer import Observer
from app.engine.priority import Priority
from app.engine.progress import EngineFullError, PlayFailedError, Progress
from app.engine.watch import Watch

__all__ = [
    "Engine",
    "EngineFullError",
    "Limits",
    "Observer",
    "PlayFailedError",
    "Priority",
    "Progress",
    "Watch",
]

"""The step engine: one worker thread runs batched model steps for many plays at once."""

from app.engine.engine import Engine
from app.engine.observer import Observer
from app.engine.play import Frame, Play
from app.engine.trajectory import EngineFullError, PlayFailedError

__all__ = ["Engine", "EngineFullError", "Frame", "Observer", "Play", "PlayFailedError"]

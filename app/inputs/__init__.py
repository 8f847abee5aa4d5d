"""Tensors that a Play starts from: drawings, masks, pictures, points, named by their content."""

from app.inputs.inputs import InputGoneError, Inputs
from app.inputs.kinds import KINDS, Kind

__all__ = ["KINDS", "InputGoneError", "Inputs", "Kind"]

"""A chain of blocks, each filled by its share of the likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.demos.kit import Block, Column, Part, Picture, Row

FULL = 1.5
"""Nats per value that fill a block."""
VALUES = 3 * 64 * 64


def chain(stations: Sequence[tuple[Block, Picture]], columns: int = 3) -> Part:
    """Blocks and what each makes, read like lines of a text."""
    parts = [part for station in stations for part in station]
    length = 2 * columns
    return Column([Row(parts[i : i + length]) for i in range(0, len(parts), length)])


def determinants(extras: Mapping[str, Any], image: int = 0) -> list[float]:
    """Log-determinants of the blocks that an image has passed, in nats a value."""
    return [float(logdet[image]) / VALUES for logdet in extras.get("logdets", ())]


def filled(k: int, shares: Sequence[float], lit: bool, title: str = "block {}") -> Block:
    """Block k, from 1, filled by its log-determinant."""
    if k > len(shares):
        return Block(title.format(k), name="share alpha mu sum density normal", lit=lit)
    share = shares[k - 1]
    return Block(
        title.format(k), f"{share:+.2f}", abs(share) / FULL, second=share < 0,
        name="share alpha mu sum density normal", lit=lit,
    )  # fmt: skip


def nats(extras: Mapping[str, Any], shares: Sequence[float]) -> dict[str, str]:
    """The formula's numbers, of the first image and for each of its values."""
    numbers: dict[str, str] = {}
    if shares:
        numbers |= {"share": f"{shares[-1]:.2f}", "sum": f"{sum(shares):.2f}"}
    if "log_prob" in extras:
        density = float(extras["log_prob"][0]) / VALUES
        numbers |= {"density": f"{density:.2f}", "normal": f"{density - sum(shares):.2f}"}
    if "error" in extras:
        numbers["error"] = f"{extras['error']:.0e}"
    return numbers

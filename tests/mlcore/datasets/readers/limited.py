"""Smaller limits, so that a test need not make a table of a million rows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcore.datasets.readers.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["limited"]


@contextmanager
def limited(**smaller: int) -> Iterator[None]:
    """Change limits for a moment; they are frozen for everybody else."""
    before = {name: getattr(LIMITS, name) for name in smaller}
    for name, value in smaller.items():
        object.__setattr__(LIMITS, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            object.__setattr__(LIMITS, name, value)

"""A file that a request brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Upload"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that a request brought, in a temporary place."""

    path: Path
    name: str
    """The user's own name for it."""

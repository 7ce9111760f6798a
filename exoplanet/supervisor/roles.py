"""What a host runs: everything, or a part beside other hosts on the same database."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ALL", "EVERYTHING", "Role", "roles_named"]


class Role(StrEnum):
    """A part that a host may run."""

    WEB = "web"
    """The web server; it also migrates the database, loads tables and publishes the models."""
    WORKERS = "workers"
    """The workers that answer, and the one that gathers evidence."""
    REAPER = "reaper"
    """Takes up what was interrupted, and deletes once a day what is kept no longer."""


ALL = frozenset(Role)
EVERYTHING = "all"
"""How an operator names all of them."""


def roles_named(words: Iterable[str]) -> frozenset[Role]:
    """Return the roles that an operator named; all of them where none is named."""
    named = set(words)
    return ALL if not named or EVERYTHING in named else frozenset(map(Role, named))

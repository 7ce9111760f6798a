"""What is known after a soak, from its clients, the database, the disk and the processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.soak.harms import Harm, Interruption


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """An accepted session as its client knows it."""

    id: str
    errand: str
    client: int
    at: float
    """When it was accepted [s after the beginning]."""
    deleted: bool = False
    cancelled: bool = False
    """Whether the client was told that it is cancelled, and has not asked for it again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A session as the database knows it."""

    id: str
    kind: str
    status: str
    error: str = ""
    attempts: tuple[str, ...] = ()
    """How each ended; empty for one that is open."""
    digest: str = ""
    """Of everything that the result says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Footprint:
    """What the processes of the idle server take."""

    memory: Mapping[str, float]
    """By part of the server [bytes]; what processes share is counted once."""
    files: Mapping[str, int]
    """Open files by part of the server, but for Postgres: each of its processes keeps those of the
    relations that it touched last, as many more or fewer as there was traffic."""
    processes: Mapping[str, int]
    """By part of the server; one of Postgres' for each connection."""
    young: frozenset[str] = frozenset()
    """Parts that were started so late that they have not taken yet what they need."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """All that the account is made of."""

    accepted: tuple[Noted, ...]
    rows: tuple[Row, ...]
    """Of all sessions but the server's own."""
    before: Footprint
    after: Footprint
    refused: Mapping[str, int] = field(default_factory=dict)
    """How often each bad request was refused."""
    trouble: tuple[str, ...] = ()
    """What clients met that they should not have, as sentences."""
    harms: tuple[Harm, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    queue: tuple[str, ...] = ()
    """Keys of the tasks that are left in the queue."""
    orphans: tuple[str, ...] = ()
    """What the project's own service finds that nothing names."""
    strays: tuple[str, ...] = ()
    """Processes that no host knows of any more, and that have not ended."""
    swept: tuple[str, ...] = ()
    """What was left to the cleanup, and it has removed."""
    unnamed: tuple[str, ...] = ()
    """What an independent look finds in the store, or among a host's copies, that no row names."""
    missing: tuple[str, ...] = ()
    """What rows name and what is not there."""
    minutes: float = 0.0
    hosts: int = 1

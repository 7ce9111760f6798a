"""What a soak runs on, as its other parts see it: hosts, a store of files, what may befall them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.faults.playground import Playground
    from tests.served import Answer
    from tests.soak.disasters import Disasters
    from tests.soak.harms import What

EXTRA = {"EXOPLANET_ACTIVE_SESSIONS": "20"}
"""The caps are the usual ones."""


class Reach(Protocol):
    """How one client reaches the installation: connections and cookies of its own."""

    def ask(self, method: str, path: str, **keywords: Any) -> Answer:
        """Send a request and read the JSON of the answer."""


class Installation(Protocol):
    """Hosts that share a database and a store of files; it may be one host."""

    folder: Path
    kills: Sequence[What]
    """What is killed in each round."""
    leaves_some_to_the_cleanup: bool
    """Whether files without a row are what has to be expected of what is done to it."""

    @property
    def hosts(self) -> Sequence[Playground]:
        """All of them; the first one's commands and database are used."""

    @property
    def workers(self) -> int:
        """How many sessions run at the same time."""

    def start(self) -> None:
        """Start it, with a small table."""

    def stop(self) -> None:
        """Stop it and remove all that was made for it outside its folder."""

    def reach(self) -> Reach:
        """Return a new client's way to it."""

    def kept(self) -> set[str]:
        """Return the names of what is in the store."""

    def results(self) -> Iterator[tuple[str, Path]]:
        """Yield the sessions with a result, and the file in which it is."""

    def disasters(self, **options: Any) -> Disasters | None:
        """Return what befalls whole hosts, where there are several."""

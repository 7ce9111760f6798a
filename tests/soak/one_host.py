"""The soak's installation on one host: `make up`, with its own Postgres and its media folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.playground import WORKERS, Playground
from tests.served import free_port
from tests.soak.installation import EXTRA
from tests.soak.saboteur import ROUND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.soak.installation import Reach

_KEPT = ("uploads", "datasets", "artifacts", "results")


class OneHost:
    """A playground as an installation."""

    kills = ROUND
    leaves_some_to_the_cleanup = False
    workers = WORKERS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._host = Playground(
            folder=folder, port=free_port(), extra={**EXTRA, "EXOPLANET_HOST_NAME": "only"}
        )

    @property
    def hosts(self) -> tuple[Playground, ...]:
        return (self._host,)

    def start(self) -> None:
        self._host.load_small_table()
        self._host.start()

    def stop(self) -> None:
        self._host.stop()

    def reach(self) -> Reach:
        return replace(self._host)

    def kept(self) -> set[str]:
        media = self._host.media_folder
        return {f"{folder}/{path.name}" for folder in _KEPT for path in (media / folder).glob("*")}

    def results(self) -> Iterator[tuple[str, Path]]:
        for path in (self._host.media_folder / "results").glob("*/predictions.parquet"):
            yield path.parent.name, path

    def disasters(self, **_options: Any) -> None:
        return None

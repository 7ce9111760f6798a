"""What the tests of the old contract send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import as_csv, drawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

Files = dict[str, tuple[str, bytes]]


@pytest.fixture(scope="session")
def files(served_archive: Path) -> Callable[..., Files]:
    """Return a function that makes a mission's two uploads, edited on request."""

    def make(
        mission: str = "kepler",
        *,
        training: Callable[[pd.DataFrame], Any] = as_csv,
        testing: Callable[[pd.DataFrame], Any] = as_csv,
    ) -> Files:
        made = {}
        for name, edit, table in zip(
            ("training_file", "testing_file"),
            (training, testing),
            drawn(served_archive, mission),
            strict=True,
        ):
            content = edit(table.copy())
            made[name] = (f"{name}.csv", content if isinstance(content, bytes) else as_csv(content))
        return made

    return make

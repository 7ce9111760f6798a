"""Predictions as VOTable, ECSV and FITS: written from the Parquet export, in a process apart.

Astropy takes as much memory as the web process does, and a second to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.files import storage
from sessions_app.files.written_apart import write_apart
from sessions_app.selectors.exports import ExportFormat, exported

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["PACKED", "write_astronomy_format"]

PACKED = frozenset({ExportFormat.VOTABLE, ExportFormat.ECSV})
"""Those that are text, and written compressed."""


def write_astronomy_format(
    session: Session,
    kind: ExportFormat,
    path: Path,
    *,
    at: ExpectedRate | None = None,
    rows: Sequence[ObjectPrediction] | None = None,
) -> None:
    """Write a completed session's predictions in a format that astropy writes, to a new file.

    Parameters
    ----------
    session, at, rows
        As in `sessions_app.selectors.exports.exported`.
    kind
        One that is not streamed.
    path
        Where to write. Those that are `PACKED` are compressed as gzip does it.

    Raises
    ------
    RefusedError
        When others are written, or it cannot be done now.
    """
    with storage.unfinished_copy() as source:
        with source.open("xb") as file:
            file.writelines(exported(session, ExportFormat.PARQUET, at=at, rows=rows))
        write_apart(
            "mlcore.jobs.write_table:write_table_job",
            {"source": str(source), "target": str(path), "format": str(kind)},
            what=f"The {kind} file",
        )

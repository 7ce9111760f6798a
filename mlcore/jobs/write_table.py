"""Writing a described Parquet file in another format, in a process that may take astropy's room."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from mlcore.prediction.table_formats import ecsv, fits, votable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["write_table_job"]

_QUICK = 6
_AS_TEXT = {"votable": votable.write, "ecsv": ecsv.write}


def write_table_job(
    argument: Mapping[str, Any],
    emit: Callable[[dict[str, Any]], None],  # noqa: ARG001
) -> dict[str, Any]:
    """Write a table in another format.

    Parameters
    ----------
    argument
        ``source``: path of a Parquet file with a schema of `described_schema`; ``target``: where
        to write; ``format``: ``votable`` or ``ecsv``, which are compressed as gzip does it, or
        ``fits``.
    emit
        Receives nothing.

    Returns
    -------
    dict
        ``rows``: how many were written.
    """
    source = pq.ParquetFile(argument["source"])
    target = Path(argument["target"])
    if argument["format"] == "fits":
        fits.write(source, target)
    else:
        # Without a time of its own, so that the same content is the same file.
        with (
            target.open("wb") as file,
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_QUICK, mtime=0) as packed,
        ):
            _AS_TEXT[argument["format"]](source, packed)
    return {"rows": source.metadata.num_rows}

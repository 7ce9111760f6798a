"""What was measured of single stars, kept from one attempt of a session to the next."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from mlcore.computed import code_version, fingerprint
from mlcore.lightcurves.bundles.star import MeasuredStar
from mlcore.lightcurves.catalogues.carried import carried_rows
from mlcore.lightcurves.records import SignalRecord, StarRecord, row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.bundles.batches import Contents
    from mlcore.lightcurves.bundles.bundle import StarFiles
    from mlcore.lightcurves.bundles.parts import Parts
    from mlcore.lightcurves.catalogues.carried import CatalogueRows
    from mlcore.lightcurves.known import KnownSignal

__all__ = ["keep_star", "kept_star", "key_of", "measured_by"]

_LIBRARIES = ("astropy", "numba", "pyarrow", "wotan")
"""Beside those of `code_version`."""


def measured_by(rows: CatalogueRows | None = None) -> str:
    """Return a word for the code, all libraries that measure, and the rows of the catalogues.

    Parameters
    ----------
    rows
        Of the catalogues; None: those that the package carries.
    """
    rows = carried_rows() if rows is None else rows
    return fingerprint(code_version(), _versions(), rows.fingerprint)


@cache
def _versions() -> list[str]:
    return [version(name) for name in _LIBRARIES]


def key_of(
    star: StarFiles,
    contents: Contents,
    known: Sequence[KnownSignal],
    *,
    rows: CatalogueRows | None = None,
) -> str:
    """Return all that a star's signals follow from, as a word.

    Parameters
    ----------
    star
        Its name, its files' names, and what the table beside the light curves says of it.
    contents
        What is in the files, to the bit.
    known
        Signals that the request names.
    rows
        As `measured_by` takes them.
    """
    return fingerprint(measured_by(rows), repr(star), contents, [repr(signal) for signal in known])


def keep_star(parts: Parts, key: str, measured: MeasuredStar) -> bool:
    """Keep a star and tell whether there was room for it; without, it is merely not kept."""
    with suppress(OSError):
        signals = [row_of(signal) for signal in measured.signals]
        kept = {"star": row_of(measured.star), "signals": signals, "rows": measured.rows}
        parts.keep(key, kept)
        return True
    return False


def kept_star(parts: Parts, key: str) -> MeasuredStar | None:
    """Return a star that was kept; None where it was not, or is damaged."""
    found = parts.read(key) or {}
    with suppress(KeyError, TypeError):
        return MeasuredStar(
            star=StarRecord(**found["star"]),
            signals=tuple(SignalRecord(**signal) for signal in found["signals"]),
            rows=tuple(found["rows"]),
        )
    return None

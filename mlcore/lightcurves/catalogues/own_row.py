"""Which row of a catalogue a signal is, of those of its own star."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.lightcurves.catalogues.coincidence import (
    Events,
    apart,
    drift,
    tells_phase,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlcore.lightcurves.catalogues.coincidence import Span
    from mlcore.lightcurves.catalogues.row import CatalogueRow
    from mlcore.lightcurves.ephemeris import Ephemeris

__all__ = ["OwnRow", "events_of", "own_row"]

_NEAR = 0.5
"""Durations by which the same transits may be apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRow:
    """A signal's row."""

    row: CatalogueRow
    by_epoch: bool
    """Whether its epoch was compared, and not its period alone."""


def events_of(row: CatalogueRow) -> Events:
    """Return when a row's transits come."""

    def known(error: float) -> float:
        return error if math.isfinite(error) else 0.0

    return Events(
        period=row.period,
        epoch=row.epoch,
        period_error=known(row.period_error),
        epoch_error=known(row.epoch_error),
    )


def own_row(rows: Iterable[CatalogueRow], ephemeris: Ephemeris, span: Span) -> OwnRow | None:
    """Return the row whose transits a signal has; None where none has them.

    Period and epoch are compared; the period alone where the curve does not say from when its times
    count, the row has no epoch, or its errors leave the phase open by now.

    Parameters
    ----------
    rows
        Of the star itself.
    ephemeris, span
        Of the signal, and of the light curve.
    """
    fitting: list[tuple[bool, float, OwnRow]] = []
    for row in rows:
        if not row.period > 0:
            continue
        events = events_of(row)
        parting = drift(ephemeris, events, span) / ephemeris.duration
        if parting > _NEAR or abs(ephemeris.period / row.period - 1) > _NEAR:
            continue
        told = bool(span.time_zero) and math.isfinite(row.epoch)
        by_epoch = told and tells_phase(events, span)
        distance = apart(ephemeris, events, span) if by_epoch else parting
        if distance <= _NEAR:
            fitting.append((not by_epoch, distance, OwnRow(row=row, by_epoch=by_epoch)))
    return min(fitting, key=lambda one: one[:2])[2] if fitting else None

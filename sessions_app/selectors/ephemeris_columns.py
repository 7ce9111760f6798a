"""When signals of light curves transit, for whoever wants to look at one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.selectors.export_judgement import ExportColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlcore.lightcurves.records import SignalRecord, StarRecord
    from mlcore.prediction.stored import ObjectPrediction

__all__ = ["ephemeris_columns"]


def ephemeris_columns(
    stars: Iterable[StarRecord], signals: Mapping[int, SignalRecord]
) -> list[ExportColumn]:
    """Return the columns of an export that no model sees and a period is of no use without.

    Parameters
    ----------
    stars
        Whose light curves a session searched.
    signals
        The records of its objects, by number.
    """
    zeros = {star.number: star.time_zero for star in stars}
    epochs = {number: signal.epoch for number, signal in signals.items()}
    known = {number: zeros[signal.star] or None for number, signal in signals.items()}

    def of(values: Mapping[int, float | None]) -> Callable[[ObjectPrediction], float | None]:
        return lambda row: values.get(row.number)

    return [
        ExportColumn(
            name="epoch",
            kind=float,
            value=of(epochs),
            unit="d",
            ucd="time.epoch",
            description="Middle of a transit, in the times of the light curve.",
        ),
        ExportColumn(
            name="time_zero",
            kind=float,
            value=of(known),
            unit="d",
            ucd="time.epoch",
            description="Julian date from which these times count; nothing where it is unknown.",
        ),
    ]

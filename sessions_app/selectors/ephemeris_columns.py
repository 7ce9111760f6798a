"""When signals of light curves transit, for whoever wants to look at one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.files.curves import curves_of
from sessions_app.selectors.export_judgement import ExportColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session

__all__ = ["ephemeris_columns"]


def ephemeris_columns(session: Session) -> list[ExportColumn]:
    """Return the columns of an export that no model sees and a period is of no use without."""
    curves = curves_of(session)
    if curves is None:
        return []
    zeros = {star.number: star.time_zero for star in curves.stars.without_lists()}
    signals = {signal.number: signal for signal in curves.signals.without_lists()}
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

"""What a catalogue's row adds to what is said of a signal in a light curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.catalogues.evidence import contamination, evidence_of
from mlcore.tasks import PLANET, VETTING
from sessions_app.selectors.export_judgement import ExportColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from mlcore.lightcurves.catalogues.evidence import RowEvidence
    from mlcore.lightcurves.records import SignalRecord
    from mlcore.prediction.stored import ObjectPrediction

__all__ = ["columns_of_rows", "row_evidence"]


def row_evidence(row: ObjectPrediction, signal: SignalRecord | None) -> RowEvidence | None:
    """Return what curve, row and both say of a signal; None for what is in no catalogue.

    Parameters
    ----------
    row
        What the light curve's model says of it. Where that knows candidates, too, its probability
        is taken among planets and false positives.
    signal
        Its record; None where there is none.
    """
    if signal is None:
        return None
    stated = VETTING.probabilities(np.array([row.probabilities]))[0]
    return evidence_of(signal, float(stated[VETTING.classes.index(PLANET)]))


def columns_of_rows(signals: Mapping[int, SignalRecord]) -> list[ExportColumn]:
    """Return the columns of an export that say what catalogues have of signals of light curves.

    Parameters
    ----------
    signals
        The records of a session's objects, by number.
    """

    def of(name: str) -> Callable[[ObjectPrediction], Any]:
        return lambda row: getattr(row_evidence(row, signals.get(row.number)), name, None)

    def other(row: ObjectPrediction) -> str | None:
        signal = signals.get(row.number)
        return None if signal is None else contamination(signal) or None

    return [
        ExportColumn(
            name="catalogue_object",
            kind=str,
            value=of("object"),
            ucd="meta.id.cross",
            description="Row of the star's catalogue that the signal is.",
        ),
        ExportColumn(
            name="catalogue_disposition",
            kind=str,
            value=of("disposition"),
            ucd="meta.code.class",
            description="What the catalogue states of it; no model sees that of its star.",
        ),
        ExportColumn(
            name="probability_by_row",
            kind=float,
            value=of("row_of_others"),
            ucd="stat.probability",
            description="Probability of a planet by that row, from models of other stars.",
        ),
        ExportColumn(
            name="probability_together",
            kind=float,
            value=of("together"),
            ucd="stat.probability",
            description="Probability of a planet by the light curve and the row together.",
        ),
        ExportColumn(
            name="other_star",
            kind=str,
            value=other,
            description="Which star nearby has its events at the same times.",
        ),
    ]

"""What a result keeps of its stars' light curves and of the signals in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.jobs.messages import PREDICTIONS
from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordFile
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.lightcurves.stretch_records import STRETCHES_SAID, StretchRecord
from sessions_app.exceptions import GoneError
from sessions_app.files import storage

if TYPE_CHECKING:
    from sessions_app.models import Session

__all__ = ["CurveRecords", "SignalOfStar", "curves_of", "has_curves"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalOfStar:
    """A signal and the star in whose light curve it is."""

    signal: SignalRecord
    star: StarRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveRecords:
    """The records of a session's stars and signals."""

    stars: RecordFile[StarRecord]
    signals: RecordFile[SignalRecord]
    said: RecordFile[StretchRecord] | None = None
    """What the model says of each stretch of a fold; None where nothing is."""

    def signal(self, number: int) -> SignalOfStar | None:
        """Return the signal that is the object of a number; None where there is none."""
        signal = self.signals.numbered(number)
        star = self.stars.numbered(signal.star) if signal else None
        return SignalOfStar(signal=signal, star=star) if signal and star else None

    def record(self, number: int) -> SignalRecord | None:
        """Return what is kept of a signal; None where there is none of this number."""
        return self.signals.numbered(number)

    def measured(self, number: int) -> dict[str, float]:
        """Return what was measured of a signal, also what no model sees; nothing without one."""
        signal = self.signals.numbered(number)
        told = zip(signal.measured, signal.values, strict=True) if signal else ()
        return {name: value for name, value in told if value is not None and math.isfinite(value)}


def curves_of(session: Session) -> CurveRecords | None:
    """Return the records of a completed session; None where it has none.

    It has none whose objects were not found in light curves: those of all catalogues, and signals
    whose measured values were uploaded. Refused with 410 when the result is no longer on this
    server, and with 503 when the store does not answer.
    """
    files = _files_of(session)
    if files is None:
        return None
    stars, signals = files
    said = stars.with_name(STRETCHES_SAID)
    return CurveRecords(
        stars=RecordFile(stars, StarRecord),
        signals=RecordFile(signals, SignalRecord),
        said=RecordFile(said, StretchRecord) if said.is_file() else None,
    )


def has_curves(session: Session) -> bool:
    """Tell whether `curves_of` has anything to return, without reading it; refused as it is."""
    return _files_of(session) is not None


def _files_of(session: Session) -> tuple[Path, Path] | None:
    """Return the files of the stars and of the signals, None where there are none."""
    if session.mission != LIGHT_CURVES.name:
        return None
    folder = storage.local_folder(storage.results_folder(session.pk))
    if not (folder / Path(PREDICTIONS).name).is_file():
        raise GoneError("The session's predictions are no longer on this server; run it again.")
    stars, signals = folder / STARS, folder / SIGNALS
    return (stars, signals) if stars.is_file() and signals.is_file() else None

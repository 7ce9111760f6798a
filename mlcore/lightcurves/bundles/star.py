"""What is measured of one star: its signals' rows, and what is drawn of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlcore.errors import DataError
from mlcore.lightcurves.bundles.bundle import curve_of
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.recording import record_of_signal, record_of_star
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.lightcurves.signal_rows import signal_row
from mlcore.lightcurves.vetting.report import vet_signals
from mlcore.lightcurves.vetting.star_search import search_star, shown
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.bundles.bundle import StarFiles
    from mlcore.lightcurves.catalogues.carried import CatalogueRows
    from mlcore.lightcurves.known import KnownSignal
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.transits import TransitSignal
    from mlcore.progress import ProgressCallback

__all__ = ["MeasuredStar", "measured_curve", "measured_star", "numbered"]

_STAGES = {"reading": 1.0, "searching": 6.0, "vetting": 4.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredStar:
    """A star with its signals; numbers of signals count within the star, from 1."""

    star: StarRecord
    signals: tuple[SignalRecord, ...] = ()
    rows: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    """Of each signal, by the columns of `LIGHT_CURVES`."""


def measured_star(
    files: StarFiles,
    contents: Sequence[tuple[str, bytes]],
    report: ProgressCallback = silent,
    *,
    known: Sequence[KnownSignal] = (),
    rows: CatalogueRows | None = None,
    stretches: bool = True,
) -> MeasuredStar:
    """Read a star's light curve, find its signals and measure them.

    A curve without a signal that is strong enough has its strongest peak measured all the same:
    what there is to say of it is that it is noise.

    Parameters
    ----------
    files
        Whose they are, and what is known of the star.
    contents
        What each file is called, and what is in it.
    report
        Told how far it has come.
    known
        Signals that the request names, which are measured instead of what a search finds; those of
        the table beside the light curve count as well.
    rows
        Of the catalogues that signals are looked up in; None: those that the package carries.
    stretches
        As `mlcore.lightcurves.recording.record_of_signal` takes it.

    Returns
    -------
    MeasuredStar
        Without signals, and with the reason, where the curve cannot be used.
    """
    named = [name for name, _ in contents]
    progress = Progress(_STAGES, report)
    try:
        with progress.stage("reading"):
            curve = curve_of(contents)
        return measured_curve(
            curve, files, progress=progress, known=known, rows=rows, stretches=stretches
        )
    except DataError as error:
        refused = StarRecord(
            number=0, name=files.name, file=", ".join(named), refusal=str(error), limit=0.0
        )
        return MeasuredStar(star=refused)


def measured_curve(
    curve: LightCurve,
    files: StarFiles,
    *,
    progress: Progress,
    known: Sequence[KnownSignal] = (),
    rows: CatalogueRows | None = None,
    stretches: bool = True,
) -> MeasuredStar:
    """Find and measure the signals of a light curve; see `measured_star`.

    Raises
    ------
    DataError
        When the curve has no trend, or all known signals fewer than two points in transit; a star
        of which one can be tested is told why others cannot.
    """
    name = curve.star.name or files.name
    # The catalogues are asked for it: whoever packed the files may have named it beside them.
    curve = replace(curve, star=replace(curve.star, name=name))
    listed = [row for row in files.listed if row.known is not None]
    signals = [*known, *(row.known for row in listed if row.known is not None)]
    found: list[TransitSignal | None] = [None] * len(signals)
    ephemerides = [
        Ephemeris(
            period=signal.period,
            epoch=signal.epoch_after(curve.time_zero, float(curve.time[0])),
            duration=signal.days,
        )
        for signal in signals
    ]
    periodogram = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with progress.stage("searching") as stage:
            search = search_star(curve, report=stage.nested)
            if not signals:
                found = list(shown(curve, search))
                ephemerides = [signal.ephemeris for signal in found if signal is not None]
                periodogram = found[0].periodogram if found[0] is not None else None
        with progress.stage("vetting") as stage:
            outcomes = vet_signals(
                curve, ephemerides, found, search=search, rows=rows, report=stage
            )
        words = [""] * len(known) + [row.disposition for row in listed]
        if not signals:
            words = _of_strongest(files, len(outcomes))
        untested = [one for one in outcomes if isinstance(one, DataError)]
        tested = [
            (one, word)
            for one, word in zip(outcomes, words, strict=True)
            if not isinstance(one, DataError)
        ]
        if not tested:
            raise untested[0]
        records = tuple(
            record_of_signal(place, 0, place, one, one.found, stretches=stretches)
            for place, (one, _) in enumerate(tested, start=1)
        )
        star = record_of_star(
            0,
            curve,
            name=name,
            files=files.files,
            periodogram=periodogram,
            numbers=[record.number for record in records],
            untested=[str(one) for one in untested],
        )
    measured = tuple(
        signal_row(curve, one, number=number, name=name, file=star.file, disposition=word)
        for number, (one, word) in enumerate(tested, start=1)
    )
    return MeasuredStar(star=star, signals=records, rows=measured)


def _of_strongest(files: StarFiles, signals: int) -> list[str]:
    """Return found signals' dispositions: one of the whole star is its strongest signal's."""
    said = {row.disposition for row in files.listed}
    return [said.pop() if len(said) == 1 else "", *[""] * (signals - 1)]


def numbered(measured: MeasuredStar, *, star: int, first: int) -> MeasuredStar:
    """Return a star with its number and its signals' numbers among the session's.

    Parameters
    ----------
    measured
        A star whose signals are numbered within it.
    star
        Its number, from 1.
    first
        The number of its first signal.
    """
    numbers = list(range(first, first + len(measured.signals)))
    return MeasuredStar(
        star=replace(measured.star, number=star, numbers=numbers),
        signals=tuple(
            replace(signal, number=number, star=star)
            for signal, number in zip(measured.signals, numbers, strict=True)
        ),
        rows=measured.rows,
    )

"""The points of one file: cleaned, in the order of time, above no light at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.readers.light_curve_words import SEGMENTS, plain
from mlcore.errors import DataError
from mlcore.in_words import names as named
from mlcore.in_words import quoted
from mlcore.lightcurves.light_curve import Centroid
from mlcore.lightcurves.reading.bands import bands_of, levelled
from mlcore.lightcurves.reading.cleaning import first_of_each_time, measured
from mlcore.lightcurves.reading.columns import Role
from mlcore.lightcurves.reading.fluxes import relative_flux
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.quality import flagged
from mlcore.lightcurves.reading.stars import MISSION_OF, named_by_cell, named_by_file, same_star
from mlcore.lightcurves.reading.times import read_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.light_curve import Star
    from mlcore.lightcurves.reading.facts import Facts
    from mlcore.lightcurves.reading.measurements import Measurements

__all__ = ["Stretch", "stretch_of"]

_POINTS_A_SEGMENT = 20
"""How many points a segment has on average: of fewer, the median would take the transits away."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stretch:
    """What one file adds to a light curve."""

    time: NDArray[np.float64]
    """[d] since `time_zero`, ascending, shape ``(n,)``."""
    time_zero: float
    """Julian date; 0 where nothing says it."""
    time_name: str
    flux: NDArray[np.float64]
    """In any unit, 0 being no light, likewise."""
    error: NDArray[np.float64] | None
    """In the unit of `flux`."""
    segment: NDArray[np.int64]
    """From 0, ascending."""
    segment_names: tuple[str | None, ...]
    """None where nothing says what it is."""
    centroid: Centroid | None
    star: Star
    mission: str | None
    notes: tuple[str, ...]


def stretch_of(measurements: Measurements, file_name: str) -> Stretch:
    """Return the points of a file that are measurements.

    Parameters
    ----------
    measurements
        What the file has.
    file_name
        Which may name the star where the content does not.

    Raises
    ------
    DataError
        When it has the points of several stars or none, or what they mean cannot be told.
    """
    facts = _with_star(measurements, file_name)
    cells, headings = measurements.frame, measurements.headings
    if len(cells) > CURVE_LIMITS.max_points:
        raise _too_many()
    if len(cells) == 0:
        raise DataError("The light curve has no points.")
    times = read_times(cells[Role.TIME.value], headings[Role.TIME], facts)
    flux, errors = measurements.numbers(Role.FLUX), measurements.numbers(Role.ERROR)
    assert flux is not None  # noqa: S101  # no file is read without one
    there, notes = measured(times.days, flux)
    useless = np.zeros(len(flux), dtype=bool)
    flags = measurements.numbers(Role.QUALITY)
    said: tuple[str, ...] = ()
    if flags is not None:
        # Of what is there, so that no point is counted twice.
        useless, said = flagged(np.where(there, flags, 0), facts, headings[Role.QUALITY].name)
    kept = np.flatnonzero(there & ~useless)
    if not len(kept):
        what = "has a time and a flux" if not there.any() else "is fit for use by its flags"
        raise DataError(f"No point of the light curve {what}.")
    band, enough, of_bands = bands_of(measurements, kept)
    band, kept = None if band is None else band[enough], kept[enough]
    order, sorting = first_of_each_time(times.days[kept])
    kept = kept[order]
    brightness = relative_flux(
        flux[kept],
        None if errors is None else errors[kept],
        heading=headings[Role.FLUX],
        error_heading=headings.get(Role.ERROR),
    )
    if band is not None:
        brightness = levelled(brightness, band[order], headings[Role.FLUX].name)
    segment, segment_names, of_segments = _segments(measurements, facts, kept)
    return Stretch(
        time=times.days[kept],
        time_zero=times.zero,
        time_name=times.name,
        flux=brightness.flux,
        error=brightness.error,
        segment=segment,
        segment_names=segment_names,
        centroid=_centroid(measurements, kept),
        star=facts.star,
        mission=facts.mission,
        notes=(
            *measurements.notes,
            f"The brightness is that of the column {quoted(headings[Role.FLUX].name)}.",
            *times.notes,
            *notes,
            *said,
            *sorting,
            *brightness.notes,
            *of_bands,
            *of_segments,
        ),
    )


def _too_many() -> DataError:
    return DataError(
        f"The light curve has more than the {CURVE_LIMITS.max_points:,} points that it may have."
    )


def _with_star(measurements: Measurements, file_name: str) -> Facts:
    """Return the facts with the star that the rows name, or else the file's name."""
    facts = measurements.facts
    name = facts.star.name
    if Role.STAR in measurements.headings:
        heading = measurements.headings[Role.STAR].name
        cells = pd.unique(measurements.frame[Role.STAR.value])
        stars = sorted({star for cell in cells if (star := named_by_cell(cell, heading))})
        if not same_star(stars):
            raise DataError(
                f"The file has the light curves of {len(stars):,} stars: {named(stars[:12])}; send"
                " those of one star."
            )
        name = name or next(iter(stars), None)
    name = name or named_by_file(file_name)
    # Whoever calls a star by a mission's own catalogue means that mission's data.
    mission = facts.mission or MISSION_OF.get((name or "").partition(" ")[0])
    return replace(facts, star=replace(facts.star, name=name), mission=mission)


def _centroid(measurements: Measurements, kept: NDArray[np.intp]) -> Centroid | None:
    """Return where the light has its centre, without what all the stars near by share.

    The spacecraft's own motion, as the missions derive it from many stars (POS_CORR), is
    subtracted: on Kepler-90's quarters it takes away nine tenths of the drift in a row, and up to a
    quarter of the scatter between neighbours, and a transit on another star stays what it is.
    """
    places = []
    for role, motion in (
        (Role.CENTROID_COLUMN, Role.MOTION_COLUMN),
        (Role.CENTROID_ROW, Role.MOTION_ROW),
    ):
        values, moved = measurements.numbers(role), measurements.numbers(motion)
        if values is None:
            return None
        places.append((values if moved is None else values - moved)[kept])
    column, row = places
    if not (np.isfinite(column) & np.isfinite(row)).any():
        return None
    return Centroid(column=column, row=row)


def _segments(
    measurements: Measurements, facts: Facts, kept: NDArray[np.intp]
) -> tuple[NDArray[np.int64], tuple[str | None, ...], tuple[str, ...]]:
    """Return the number of each point's segment, from 0, and what they are.

    Where the file states none, it is one segment: a gap alone tells neither that the flux has
    another zero point after it nor that it has the same, and detrending ends at gaps anyway.
    """
    whole = np.zeros(len(kept), dtype=np.int64)
    if Role.SEGMENT not in measurements.headings:
        return whole, (facts.segment,), ()
    heading = measurements.headings[Role.SEGMENT].name
    codes, labels = pd.factorize(measurements.frame[Role.SEGMENT.value].iloc[kept])
    codes = np.asarray(codes, dtype=np.int64)
    why = ""
    if (np.diff(codes) < 0).any() or (codes < 0).any():
        why = "its segments overlap in time, or some points have none"
    elif len(labels) > 1 and len(codes) < _POINTS_A_SEGMENT * len(labels):
        why = f"its segments have fewer than {_POINTS_A_SEGMENT} points each"
    if why:
        return whole, (facts.segment,), (f"The column {quoted(heading)} was not used: {why}.",)
    word = SEGMENTS[plain(heading)]
    return codes, tuple(f"{word} {_label(label)}" for label in labels), ()


def _label(label: object) -> str:
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label).strip()[:40]

"""The files of one star put together: on one count of time, each segment relative to its median."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.in_words import counted, joined, names, number
from mlcore.lightcurves.light_curve import Centroid, LightCurve, Star
from mlcore.lightcurves.reading.scatter import neighbour_scatter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.reading.stretches import Stretch

__all__ = ["stitched"]

_TIMES_OFF = 10.0
"""How many times too small or too large stated errors may be beside the scatter."""
_CADENCES_ALIKE = 1.5


def stitched(stretches: Sequence[Stretch], file_names: Sequence[str]) -> LightCurve:
    """Put the points of a star's files together.

    Parameters
    ----------
    stretches
        One for each file, one at least, of one star.
    file_names
        What the files are called, which names segments that nothing else names.

    Raises
    ------
    DataError
        When their times cannot be put together, or the median flux of a segment is not above 0.
    """
    zero, name = _time_zero(stretches, file_names)
    pairs = sorted(
        zip(stretches, file_names, strict=True),
        key=lambda pair: (pair[0].time_zero + pair[0].time[0], -len(pair[0].time)),
    )
    used, notes = _without_overlaps(pairs, zero)
    segment, labels = _numbered(used)
    flux, error, of_errors = _relative(used, segment, labels)
    time = np.concatenate([stretch.time for stretch, _ in used])
    cadence, of_cadences = _cadence(time, segment)
    return LightCurve(
        time=time,
        flux=flux,
        error=error,
        segment=segment,
        time_zero=zero,
        time_name=name,
        cadence=cadence,
        star=_star(stretches),
        mission=next((stretch.mission for stretch, _ in pairs if stretch.mission), None),
        segment_names=labels,
        centroid=_centroid([stretch for stretch, _ in used]),
        notes=(*_notes(pairs), *notes, *of_errors, *of_cadences),
    )


def _time_zero(stretches: Sequence[Stretch], file_names: Sequence[str]) -> tuple[float, str]:
    known = {stretch.time_zero for stretch in stretches}
    if len(known) > 1 and 0.0 in known:
        unknown = next(
            name
            for stretch, name in zip(stretches, file_names, strict=True)
            if not stretch.time_zero
        )
        raise DataError(
            f"Nothing says from when the times of {unknown[:80]} count, as those of the other files"
            " do: name it in the heading, such as BJD - 2457000."
        )
    first = stretches[0]
    return first.time_zero, first.time_name


def _without_overlaps(
    pairs: Sequence[tuple[Stretch, str]], zero: float
) -> tuple[list[tuple[Stretch, str]], list[str]]:
    """Return the files' points on one count of time, those times left out that were there before.

    A star may come twice with one sector, at two cadences or by two pipelines: the second says
    nothing new of it, and its errors are not independent.
    """
    used: list[tuple[Stretch, str]] = []
    notes = []
    end = -np.inf
    for stretch, name in pairs:
        time = stretch.time + (stretch.time_zero - zero)
        new = time > end
        if not new.all():
            count = int((~new).sum())
            whose = f" of {name[:80]}" if name else ""
            notes.append(
                f"{counted(count, 'point')}{whose} left out: another file has the same times."
            )
        if new.any():
            used.append((_taken(replace(stretch, time=time), np.flatnonzero(new)), name))
            end = float(time[-1])
    return used, notes


def _taken(stretch: Stretch, kept: NDArray[np.intp]) -> Stretch:
    if len(kept) == len(stretch.time):
        return stretch
    centroid = stretch.centroid
    if centroid is not None:
        centroid = Centroid(column=centroid.column[kept], row=centroid.row[kept])
    return replace(
        stretch,
        time=stretch.time[kept],
        flux=stretch.flux[kept],
        error=None if stretch.error is None else stretch.error[kept],
        segment=stretch.segment[kept],
        centroid=centroid,
    )


def _numbered(used: Sequence[tuple[Stretch, str]]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the segments of all files, numbered from 0 in the order of time."""
    numbers: list[NDArray[np.intp]] = []
    labels: list[str] = []
    for stretch, name in used:
        found, codes = np.unique(stretch.segment, return_inverse=True)
        numbers.append(codes + len(labels))
        unnamed = "all" if len(used) == 1 else name[:80] or f"file {len(labels) + 1}"
        labels += [stretch.segment_names[code] or unnamed for code in found]
    return np.concatenate(numbers).astype(np.int64), tuple(labels)


def _relative(
    used: Sequence[tuple[Stretch, str]], segment: NDArray[np.int64], labels: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return fluxes relative to each segment's median, and their errors."""
    flux = np.concatenate([stretch.flux for stretch, _ in used])
    stated = np.concatenate(
        [
            np.full(len(stretch.time), np.nan) if stretch.error is None else stretch.error
            for stretch, _ in used
        ]
    )
    relative, error = np.empty(len(flux)), np.empty(len(flux))
    estimated: list[str] = []
    replaced = single = 0
    of_all = None
    for code, label in enumerate(labels):
        here = np.flatnonzero(segment == code)
        middle = float(np.median(flux[here]))
        if middle <= 0:
            raise DataError(
                f"The median flux of {label} is {number(middle)}: a relative flux needs one above"
                " 0."
            )
        relative[here] = flux[here] / middle
        scatter = neighbour_scatter(relative[here])
        if scatter == 0:
            of_all = neighbour_scatter(flux / np.median(flux)) if of_all is None else of_all
            scatter = of_all
        given = stated[here] / middle
        fit = np.isfinite(given) & (given > 0)
        typical = float(np.median(given[fit])) if fit.any() else 0.0
        if not fit.any():
            estimated.append(label)
        elif not scatter / _TIMES_OFF <= typical <= scatter * _TIMES_OFF:
            replaced += 1
            fit[:] = False
        else:
            fit &= (given > typical / 100) & (given < typical * 100)
            single += int((~fit).sum())
        error[here] = np.where(fit, given, scatter)
    return relative, error, _of_errors(estimated, replaced, single, len(labels))


def _of_errors(estimated: Sequence[str], replaced: int, single: int, segments: int) -> list[str]:
    how = "estimated from the scatter between neighbouring points"
    notes = []
    if estimated:
        where = "" if len(estimated) == segments else f" of {names(estimated)}"
        notes.append(f"The errors{where} are not stated and were {how}.")
    if replaced:
        where = "" if replaced == segments else f" of {counted(replaced, 'segment')}"
        notes.append(
            f"The errors stated{where} are more than {_TIMES_OFF:.0f} times too small or too large"
            f" beside the scatter, and were {how}."
        )
    if single:
        notes.append(f"{counted(single, 'error')} that cannot be right, {how}.")
    return notes


def _cadence(time: NDArray[np.float64], segment: NDArray[np.int64]) -> tuple[float, list[str]]:
    steps, of = np.diff(time), segment[1:]
    within = np.diff(segment) == 0
    if not within.any():
        return float(np.median(steps)) if len(steps) else 0.0, []
    usual = [float(np.median(steps[within & (of == code)])) for code in np.unique(of[within])]
    notes = []
    if max(usual) > _CADENCES_ALIKE * min(usual):
        low, high = (number(1440 * value) for value in (min(usual), max(usual)))
        notes.append(f"The segments have cadences from {low} to {high} minutes.")
    return float(np.median(steps[within])), notes


def _star(stretches: Sequence[Stretch]) -> Star:
    def first(field: str) -> object:
        stated = (getattr(stretch.star, field) for stretch in stretches)
        return next((value for value in stated if value is not None), None)

    return Star(**{field: first(field) for field in Star.__slots__})  # type: ignore[arg-type]


def _centroid(used: Sequence[Stretch]) -> Centroid | None:
    if all(stretch.centroid is None for stretch in used):
        return None

    def of(stretch: Stretch) -> Centroid:
        nothing = np.full(len(stretch.time), np.nan)
        return stretch.centroid or Centroid(column=nothing, row=nothing)

    return Centroid(
        column=np.concatenate([of(stretch).column for stretch in used]),
        row=np.concatenate([of(stretch).row for stretch in used]),
    )


def _notes(pairs: Sequence[tuple[Stretch, str]]) -> list[str]:
    """Return the notes of all files, each once, with the files that it is of where it is of few."""
    of: dict[str, list[str]] = {}
    for stretch, name in pairs:
        label = stretch.segment_names[0] if len(stretch.segment_names) == 1 else None
        for note in stretch.notes:
            of.setdefault(note, []).append(label or name[:80])
    return [
        note
        if len(files) == len(pairs) or not all(files)
        else f"{joined(files[:3])}{' and others' if len(files) > 3 else ''}: {note}"
        for note, files in of.items()
    ]

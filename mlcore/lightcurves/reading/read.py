"""Reading the light curve of one star from its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.errors import DataError
from mlcore.in_words import names as named
from mlcore.in_words import number
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.stars import same_star
from mlcore.lightcurves.reading.stitching import stitched
from mlcore.lightcurves.reading.stretches import Stretch, stretch_of
from mlcore.lightcurves.reading.tables import measurements_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["read_light_curve"]


def read_light_curve(
    paths: Path | str | Sequence[Path | str], *, names: Sequence[str] | None = None
) -> LightCurve:
    """Read the light curve of one star.

    Parameters
    ----------
    paths
        Its file, or its files: quarters, campaigns, sectors, in any order. FITS as MAST has them,
        tables of text with or without headings, ECSV, Parquet, JSON, VOTable, XLSX, ODS or NPZ;
        each alone, packed with gzip, or as the only table of a zip archive.
    names
        What the files were called, which says which star or segment they are of where their content
        does not; the paths' own names by default.

    Returns
    -------
    LightCurve
        Sorted, finite, each time once, each segment relative to its median.

    Raises
    ------
    NotATableError
        When a file is in no format that is read, or is damaged.
    DataError
        When a file is no light curve, what it means cannot be told, the files are of several stars,
        or the light curve is too short or too long.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mlcore
    >>> import numpy as np
    >>> time = np.arange(0, 27, 0.02)
    >>> flux = 1 + 1e-4 * np.sin(time)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "star.csv"
    ...     np.savetxt(path, np.column_stack([time, flux]), header="time,flux", delimiter=",")
    ...     curve = mlcore.read_light_curve(path)
    >>> len(curve.time), curve.time_name
    (1350, 'time')
    """
    files = [Path(path) for path in ([paths] if isinstance(paths, (str, Path)) else paths)]
    called = [path.name for path in files] if names is None else list(names)
    if not 1 <= len(files) <= CURVE_LIMITS.max_files:
        raise DataError(
            f"A light curve is read from 1 to {CURVE_LIMITS.max_files} files of one star; these are"
            f" {len(files)}."
        )
    stretches: list[Stretch] = []
    points = 0
    for path, name in zip(files, called, strict=True):
        try:
            stretch = stretch_of(measurements_in(path), name)
        except DataError as error:
            if len(files) == 1:
                raise
            raise type(error)(f"{name[:80]}: {error}") from error
        stretches.append(stretch)
        points += len(stretch.time)
        if points > CURVE_LIMITS.max_points:
            raise DataError(
                f"The light curve has more than the {CURVE_LIMITS.max_points:,} points that it may"
                " have."
            )
    stars = sorted({stretch.star.name for stretch in stretches if stretch.star.name})
    if not same_star(stars):
        raise DataError(
            f"The files are of {len(stars)} stars, {named(stars)}: send those of one star."
        )
    curve = stitched(stretches, called)
    _check(curve)
    return curve


def _check(curve: LightCurve) -> None:
    """Refuse a light curve in which no transit can be searched for."""
    points = len(curve.time)
    if points < CURVE_LIMITS.min_points or curve.span < CURVE_LIMITS.min_span:
        least = number(CURVE_LIMITS.min_span)
        raise DataError(
            f"The light curve has {points} point{'' if points == 1 else 's'} over"
            f" {number(curve.span)} days; a search for transits needs at least"
            f" {CURVE_LIMITS.min_points} points over at least {least} day."
        )
    if curve.flux.min() == curve.flux.max():
        raise DataError("The flux is the same at all times: this is no measurement of a star.")
    if curve.span > CURVE_LIMITS.max_span:
        raise DataError(
            f"The light curve goes from {number(float(curve.time[0]), digits=6)} to"
            f" {number(float(curve.time[-1]), digits=6)} days, which is longer than the"
            f" {number(CURVE_LIMITS.max_span)} days that it may be."
        )
    if not CURVE_LIMITS.min_cadence <= curve.cadence <= CURVE_LIMITS.max_cadence:
        raise DataError(
            f"The light curve has a point every {number(curve.cadence)} days as a rule; expected is"
            f" one every second to every {number(24 * CURVE_LIMITS.max_cadence)} hours. Times are"
            " taken for days where the heading names no other unit, such as time (s)."
        )

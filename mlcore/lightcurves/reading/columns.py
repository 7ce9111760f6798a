"""Which of a file's columns is what of a light curve, told by their headings."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from mlcore.datasets.readers.light_curve_words import (
    BANDS,
    BRIEF,
    CAMERAS,
    CENTROID_COLUMNS,
    CENTROID_ROWS,
    ERROR_WORDS,
    FLUXES,
    MOTION_COLUMNS,
    MOTION_ROWS,
    NO_FLUXES,
    PERIODS,
    QUALITIES,
    SEGMENTS,
    STARS,
    TIMES,
    plain,
)
from mlcore.datasets.readers.light_curves import light_curves_in_rows
from mlcore.datasets.unit_spellings import epoch_zero_point
from mlcore.errors import DataError
from mlcore.in_words import names, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LacksColumnsError",
    "NotALightCurveError",
    "Role",
    "refuse_other_tables",
    "roles_of",
    "times_of",
]

_FLUX_IN_A_UNIT = re.compile(r"(?:rel(?:ative)?)?flux(?:ppm|ppt|percent|pct|norm|e|es|electrons)?")
_TIME_IN_A_UNIT = re.compile(
    r"t(?:ime)?(?:s|sec|seconds|min|minutes|h|hr|hours|d|day|days|jd|mjd|hjd|bjdtdb|bmjd)"
)
_SHOWN = 40


class NotALightCurveError(DataError):
    """A file can be read, and has no column of times or none of brightness."""


class LacksColumnsError(NotALightCurveError):
    """It has headings, and none of them is what a light curve needs."""


class Role(Enum):
    """What a column is of a light curve."""

    TIME = "time"
    FLUX = "flux"
    ERROR = "error"
    QUALITY = "quality"
    SEGMENT = "segment"
    STAR = "star"
    BAND = "band"
    CAMERA = "camera"
    CENTROID_COLUMN = "centroid column"
    CENTROID_ROW = "centroid row"
    MOTION_COLUMN = "motion column"
    MOTION_ROW = "motion row"


_BESIDE = {
    Role.QUALITY: QUALITIES,
    Role.SEGMENT: tuple(SEGMENTS),
    Role.STAR: tuple(STARS),
    Role.BAND: tuple(word for word in BANDS if word not in CAMERAS),
    Role.CAMERA: CAMERAS,
    Role.CENTROID_COLUMN: CENTROID_COLUMNS,
    Role.CENTROID_ROW: CENTROID_ROWS,
    Role.MOTION_COLUMN: MOTION_COLUMNS,
    Role.MOTION_ROW: MOTION_ROWS,
}


def refuse_other_tables(headings: Sequence[str]) -> None:
    """Refuse a file that holds something else than the light curve of one star.

    Raises
    ------
    NotALightCurveError
        When it is a table of objects, or has a light curve in each row.
    """
    if series := light_curves_in_rows(headings):
        raise NotALightCurveError(
            f"{series} without times: send the light curve of one star, with a row for each time."
        )
    of_objects = [
        name for name in headings[:200] if any(part in plain(name[:_SHOWN]) for part in PERIODS)
    ]
    if of_objects:
        raise NotALightCurveError(
            f'This is a table of objects (column "{of_objects[0][:_SHOWN]}") rather than a light'
            " curve, which has a row for each time, with columns such as time and flux."
        )


def roles_of(headings: Sequence[str]) -> dict[Role, int]:
    """Return at which place each column stands that is something of a light curve.

    Parameters
    ----------
    headings
        All of the file's.

    Raises
    ------
    LacksColumnsError
        When no column is the time, or none the brightness.

    Examples
    --------
    >>> {role.value: at for role, at in roles_of(["BJD", "mag", "e_mag"]).items()}
    {'time': 0, 'flux': 1, 'error': 2}
    """
    words = [plain(name) for name in headings]
    time = next(iter(times_of(headings)), None)
    flux = _first(words, FLUXES)
    if flux is None:
        flux = _first(words, BRIEF)
    if flux is None:
        in_a_unit = (at for at, word in enumerate(words) if _FLUX_IN_A_UNIT.fullmatch(word))
        flux = next(in_a_unit, None)
    if flux is None:
        called = [at for at, word in enumerate(words) if _is_some_flux(word)]
        flux = called[0] if len(called) == 1 else None
    if time is None or flux is None:
        raise _lacking(headings, time=time is None, flux=flux is None)
    found = {Role.TIME: time, Role.FLUX: flux}
    error = _first(words, _errors_of(words[flux]))
    if error is not None:
        found[Role.ERROR] = error
    for role, known in _BESIDE.items():
        at = _first(words, known)
        if at is not None and at not in found.values():
            found[role] = at
    return found


def times_of(headings: Sequence[str]) -> list[int]:
    """Return at which places columns of times may stand, the likeliest first.

    Examples
    --------
    >>> times_of(["JD", "Magnitude", "HJD"])
    [2, 0]
    """
    words = [plain(name) for name in headings]
    known = [words.index(name) for name in TIMES if name in words]
    in_a_unit = (at for at, word in enumerate(words) if _TIME_IN_A_UNIT.fullmatch(word))
    dated = (at for at, name in enumerate(headings) if epoch_zero_point(name[:60]) is not None)
    return list(dict.fromkeys((*known, *in_a_unit, *dated)))


def _is_some_flux(word: str) -> bool:
    return "flux" in word and not any(part in word for part in NO_FLUXES)


def _first(words: Sequence[str], known: Sequence[str]) -> int | None:
    return next((words.index(name) for name in known if name in words), None)


def _errors_of(flux: str) -> list[str]:
    """Return how the errors of a flux may be called, the likeliest first."""
    stems = [flux, "mag" if flux.endswith(("mag", "mags", "magnitude")) else "flux"]
    around = [
        word
        for stem in stems
        for known in ERROR_WORDS
        for word in (f"{stem}{known}", f"{known}{stem}")
    ]
    # AstroImageJ's rel_flux_T1 has its errors in rel_flux_err_T1.
    begin = re.match(".*?(?:flux|mag)", flux)
    within = [f"{begin[0]}{known}{flux[begin.end() :]}" for known in ERROR_WORDS] if begin else []
    return [*around, *within, *(f"{known}" for known in ERROR_WORDS if known != "e")]


def _lacking(headings: Sequence[str], *, time: bool, flux: bool) -> LacksColumnsError:
    shown = names([name[:_SHOWN] for name in headings if name])
    times, brightness = "times, such as time, BJD, BTJD or MJD", "brightness, such as flux or mag"
    if time and flux:
        return LacksColumnsError(
            "This is a table of objects rather than a light curve, as far as its headings tell: a"
            f" light curve has a column of {times}, and one of {brightness}; the columns here are"
            f" {shown}."
        )
    if time and (folded := next((name for name in headings if plain(name) == "phase"), None)):
        return LacksColumnsError(
            f"The light curve is folded (column {quoted(folded)}) and has no column of times:"
            " send it as it was before folding, with a row for each time."
        )
    return LacksColumnsError(
        f"The file has no column of {times if time else brightness}, which a light curve needs; its"
        f" columns are {shown}."
    )

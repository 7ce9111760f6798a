"""What else was found on the same star.

Planets come in systems and false positives do not: an object with siblings is far more likely to
be a planet (Lissauer et al. 2012, ApJ 750, 112). Two periods on one star that are equal are the
two eclipses of a binary, or one signal found twice.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.features.observation import Leaning, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.features.surroundings import Around, ranges
from mlcore.in_words import cardinal, compared, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.features.observation import Observation, Row

__all__ = ["SIBLINGS"]

_SAME = 2e-3
"""Relative difference below which two periods on one star count as equal or in a ratio of two."""


def _compute(rows: Arrays, around: Around) -> Arrays:
    listed, starts = around.everything.by_host
    hosts = around.everything.host[around.begin : around.end]
    counts = starts[hosts + 1] - starts[hosts]
    parts = []
    for begin, end in ranges(counts):
        count = counts[begin:end]
        i = np.repeat(np.arange(begin, end), count)
        within = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
        j = listed[np.repeat(starts[hosts[begin:end]], count) + within]
        # An object is no sibling of its own, however often it is listed.
        other = around.everything.first[around.begin + i] != j
        parts.append(
            _of_pairs(rows, around.everything.values, i[other], j[other], begin, end - begin)
        )
    return {
        feature.name: np.concatenate([part[feature.name] for part in parts] or [np.empty(0)])
        for feature in SIBLINGS.features
    }


def _of_pairs(
    rows: Arrays,
    others: Arrays,
    i: NDArray[np.intp],
    j: NDArray[np.intp],
    begin: int,
    size: int,
) -> Arrays:
    """Return the features of some rows from the pairs of each with each of its siblings."""
    step = np.log10(others["period"][j] / rows["period"][i])
    # Durations on one star grow with the cube root of the period.
    stretch = np.log10(rows["duration"][i] / others["duration"][j]) + step / 3
    alike = np.log10(rows["radius"][i] / others["radius"][j])
    deeper = others["depth"][j] > rows["depth"][i]
    i = i - begin
    known = np.isfinite(step)
    harmonic = known & np.any(
        [np.abs(10.0**step / ratio - 1) < _SAME for ratio in (0.5, 1.0, 2.0)], axis=0
    )
    closest = np.zeros(size)
    np.maximum.at(closest, i[known], 10.0 ** -np.abs(step[known]))
    return {
        "objects_of_star": np.bincount(i, minlength=size) + 1.0,
        "sibling_period_ratio": closest,
        "sibling_harmonics": np.bincount(i[harmonic], minlength=size),
        "inner_siblings": np.bincount(i[known & (step < 0)], minlength=size),
        "deeper_siblings": np.bincount(i[deeper], minlength=size),
        "sibling_duration_ratio": _median_of(stretch, i, size),
        "sibling_radius_ratio": _median_of(alike, i, size),
    }


def _median_of(
    values: NDArray[np.float64], rows: NDArray[np.intp], size: int
) -> NDArray[np.float64]:
    """Return the median known value of each row, 0 where it has none."""
    known = np.isfinite(values)
    rows, values = rows[known], values[known]
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    count = np.bincount(rows, minlength=size)
    start = np.cumsum(count) - count
    some = count > 0
    median = np.zeros(size)
    low = (start + (count - 1) // 2)[some]
    high = (start + count // 2)[some]
    median[some] = (values[low] + values[high]) / 2
    return median


_ALIKE = 0.95
"""Ratio of periods from which hardly two planets of one star are found."""


def _say_alone() -> Observation:
    return clause(
        "No other candidate is known around this star",
        Leaning.FALSE_POSITIVE,
        "; nearly all false positives are alone on theirs",
    )


def _say_system(row: Row) -> Observation | None:
    """Return how many candidates the star has beside this one, and how near in period."""
    others = row["objects_of_star"] - 1
    if not others >= 0:
        return None
    if others == 0:
        return _say_alone()
    count = cardinal(round(others))
    words = f"{count.capitalize()} more candidate{'' if others == 1 else 's'} orbit this star"
    if others == 1:
        words = "One more candidate orbits this star"
    ratio, inner = row["sibling_period_ratio"], row["inner_siblings"]
    nearest = "" if others == 1 else "the nearest "
    if ratio > _ALIKE:
        return clause(f"{words}, {nearest}at nearly the same period")
    if ratio > 0:
        longer = number(1 / ratio, digits=2)
        if inner == 0:
            times = "twice" if longer == "2" else f"{longer} times"
            words += f", {nearest}at {times} its period"
        elif inner >= others:
            words += f", {nearest}at {number(ratio, digits=2)} of its period"
        else:
            words += f", the nearest a factor of {longer} away in period"
    return clause(words, Leaning.PLANET, _RARELY)


_RARELY = "; stars with several candidates rarely host false positives"


def _say_harmonics(row: Row) -> Observation | None:
    if not row["sibling_harmonics"] > 0:
        return _say_system(row)
    return clause(
        "Another candidate of this star has the same, half or twice the period",
        Leaning.FALSE_POSITIVE,
        ": the two eclipses of a binary, or one signal found twice",
    )


def _say_lengths(row: Row) -> Observation | None:
    ratio = row.factor("sibling_duration_ratio")
    if not row["objects_of_star"] > 1 or ratio == 1:
        return _say_system(row)
    beside = compared(1 / ratio, "longer than", "shorter than", "as long as")
    return clause(
        f"The transit lasts {beside} those of the star's other candidates would at its period"
    )


def _say_sizes(row: Row) -> Observation | None:
    ratio = row.factor("sibling_radius_ratio")
    if not row["objects_of_star"] > 1 or ratio == 1:
        return _say_system(row)
    beside = compared(ratio, "larger than", "smaller than", "as large as")
    words = f"The body is {beside} the star's other candidates"
    if 0.5 < ratio < 2:
        return clause(words, Leaning.PLANET, ", as planets of one star mostly are")
    return clause(words)


_sibling = partial(Feature, group="siblings on the same star", of_neighbours=True)
_LISSAUER = "Lissauer et al. 2012, ApJ 750, 112"

SIBLINGS = Idea(
    features=(
        _sibling(
            name="objects_of_star",
            meaning="Number of objects on the star",
            says=_say_system,
            source=_LISSAUER,
            needs=(),
        ),
        _sibling(
            name="sibling_period_ratio",
            meaning="Period ratio with the closest sibling, at most 1, 0 without any",
            source="Fabrycky et al. 2014, ApJ 790, 146",
            says=_say_system,
            needs=("period",),
        ),
        _sibling(
            name="sibling_harmonics",
            meaning="Number of siblings at the same, half or twice the period",
            source="Coughlin et al. 2016, ApJS 224, 12, section A.4",
            says=_say_harmonics,
            needs=("period",),
        ),
        _sibling(
            name="inner_siblings",
            meaning="Number of siblings with a shorter period",
            says=_say_system,
            source=_LISSAUER,
            needs=("period",),
        ),
        _sibling(
            name="deeper_siblings",
            meaning="Number of siblings with a deeper transit",
            says=_say_system,
            source=_LISSAUER,
            needs=("depth",),
        ),
        _sibling(
            name="sibling_duration_ratio",
            unit="dex",
            meaning="Transit duration against the siblings' at the same period, 0 without any",
            source="Fabrycky et al. 2014, ApJ 790, 146, equation 11",
            says=_say_lengths,
            needs=("period", "duration"),
        ),
        _sibling(
            name="sibling_radius_ratio",
            unit="dex",
            meaning="Planet radius against the siblings', 0 without any",
            source="Weiss et al. 2018, AJ 155, 48",
            says=_say_sizes,
            needs=("radius",),
        ),
    ),
    compute=_compute,
)

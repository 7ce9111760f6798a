"""How far a predicted probability moves when an object's values move within their own errors.

Catalogues give a value with an upper and a lower error, its 84th and 16th percentile. Each value is
drawn again from the normal halves that these describe, each half with the probability ½ (Barlow
2004, "Asymmetric Errors", arXiv:physics/0401042), cut off where no such quantity can be; the
features are computed again, and the model asked again. The errors of a catalogue's columns are in
truth correlated, which catalogues do not tell: the interval is that of independent ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from mlcore.errors import DataError
from mlcore.in_words import cardinal, level, percent
from mlcore.inspection.reasons import CLASS_NOUNS
from mlcore.levels import PERCENTILES
from mlcore.models.classifier import CLASSES
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = ["DRAWS", "ScoreIntervals", "UncertainValue", "score_intervals", "uncertain_values"]

DRAWS = 50
FEWEST_DRAWS = 10
"""Fewer say nothing of a 5th percentile; so many are made however long they take."""
_INSIDE = (PERCENTILES[1] - PERCENTILES[0]) / 100
_MOST_ROWS = 20_000
"""So many rows are drawn at once: of a small table many draws cost hardly more than one."""


# Without slots, so that what every draw needs is worked out once.
@dataclass(frozen=True, kw_only=True, eq=False)
class UncertainValue:
    """A quantity of a table with errors; arrays of shape ``(n,)``."""

    column: str
    value: NDArray[np.float64]
    upper: NDArray[np.float64]
    """Sizes of the upper errors, 0 where unknown; likewise `lower`."""
    lower: NDArray[np.float64]
    bounds: tuple[float, float]

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Rows whose value has an error."""
        return ~np.isnan(self.value) & ((self.upper > 0) | (self.lower > 0))

    @cached_property
    def _within(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How much of the normal distribution's upper and lower half lies within the bounds."""
        return (
            _within(self.bounds[1] - self.value, self.upper),
            _within(self.value - self.bounds[0], self.lower),
        )

    def draw(self, random: np.random.Generator) -> NDArray[np.float64]:
        """Return one value a row; a row without errors keeps its own."""
        up = random.random(len(self.value)) < 0.5
        share = random.random(len(self.value))
        size = np.where(up, self.upper, self.lower)
        # The half normal distribution, cut off where the value's range ends, by its inverse.
        steps = ndtri(0.5 + share * np.where(up, *self._within)) * size
        moved = self.value + np.where(up, steps, -steps)
        return np.where(self.known & (size > 0), moved, self.value)


def _within(room: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    # A value outside its range is the catalogue's; it may not go farther.
    room = np.maximum(room, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        farthest = np.where(size > 0, room / size, np.inf)
    return np.asarray(ndtr(farthest) - 0.5)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoreIntervals:
    """The 5th to 95th percentile of each object's probabilities."""

    low: NDArray[np.float64]
    """Shape ``(n, 3)``, in the order of `CLASSES`; NaN where no value of the object has errors, or
    there was no time."""
    high: NDArray[np.float64]
    draws: int
    """How many draws they are from."""
    uncertain: NDArray[np.int64]
    """How many of each object's values have errors, shape ``(n,)``."""

    def sentence(self, row: int, position: int) -> str:
        """Return one object's interval for the class at `position` of `CLASSES` in words."""
        noun = CLASS_NOUNS[CLASSES[position]]
        count = int(self.uncertain[row])
        if not count:
            return "The catalogue gives no errors for this object, so its score has no interval"
        if not self.draws:
            return "The time budget left no time for the interval of this score"
        low, high = self.low[row, position], self.high[row, position]
        first, last = percent(low), percent(high)
        whose = "its" if count == 1 else "their"
        where = f"are {first}" if first == last else f"lie between {first} and {last}"
        return (
            f"With its {cardinal(count)} uncertain {'value' if count == 1 else 'values'} drawn anew"
            f" within {whose} errors"
            f" {self.draws} times, {level(_INSIDE)} of the probabilities of {noun} {where}"
        )


def uncertain_values(table: Table, errors: pd.DataFrame | None = None) -> list[UncertainValue]:
    """Return the table's values that have errors of their own.

    Parameters
    ----------
    table
        Rows of any mission.
    errors
        The error columns, in the table's order, where its own frame does not keep them.
    """
    frame = table.frame
    source = frame if errors is None else errors
    uncertain = []
    for column in table.dataset.columns:
        sides = [
            error.name
            for error in table.dataset.columns
            if error.uncertainty_of == column.name and error.name in source
        ]
        if column.text or column.name not in frame or not sides:
            continue
        # The upper uncertainty is declared before the lower one; a single one is both.
        upper, lower = (
            np.nan_to_num(np.abs(source[name].to_numpy(dtype=np.float64)), nan=0.0, posinf=0.0)
            for name in (sides[0], sides[-1])
        )
        uncertain.append(
            UncertainValue(
                column=column.name,
                value=frame[column.name].to_numpy(dtype=np.float64),
                upper=upper,
                lower=lower,
                bounds=column.possible,
            )
        )
    return uncertain


def score_intervals(
    classifier: Classifier,
    table: Table,
    *,
    features_of: Callable[[Table], pd.DataFrame] | None = None,
    errors: pd.DataFrame | None = None,
    draws: int = DRAWS,
    longest: float = math.inf,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> ScoreIntervals:
    """Return an interval of each object's probabilities from the errors of its values.

    Parameters
    ----------
    classifier
        The fitted model.
    table
        Rows to score.
    features_of
        Returns the features of a table, derived ones included; the table's default ones when not
        given. It is called with several drawn copies of the table, one below the other.
    errors
        The error columns, where the table's own frame does not keep them.
    draws
        How many draws to make. Draw i is the same whatever their number.
    longest
        Where even `FEWEST_DRAWS` would take longer [s], going by the first one, there is no
        interval.
    seed
        Seed of the draws.
    progress
        Called with the fraction of the draws that are done.

    Raises
    ------
    DataError
        When fewer than `FEWEST_DRAWS` draws are asked for.
    """
    if draws < FEWEST_DRAWS:
        raise DataError(f"draws was {draws}, but it must be at least {FEWEST_DRAWS}.")
    values = uncertain_values(table, errors)
    uncertain = np.zeros(len(table), dtype=np.int64)
    for value in values:
        uncertain += value.known
    nothing = np.full((len(table), len(CLASSES)), np.nan)
    none = ScoreIntervals(low=nothing, high=nothing, draws=0, uncertain=uncertain)
    if not uncertain.any() or longest <= 0:
        return none
    begun = monotonic()
    # The first one alone: it tells how long the others will take.
    at_once = max(1, _MOST_ROWS // len(table))
    later = (range(begin, draws)[:at_once] for begin in range(1, draws, at_once))
    stated = []
    for batch in (range(1), *later):
        drawn = _drawn(table, values, [np.random.default_rng([seed, draw]) for draw in batch])
        features = drawn.features if features_of is None else features_of(drawn)
        stated.append(classifier.predict_proba(features).reshape(len(batch), *nothing.shape))
        if batch.start == 0 and FEWEST_DRAWS * (monotonic() - begun) > longest:
            return none
        progress(batch.stop / draws, f"{batch.stop} of {draws} draws")
    low, high = np.percentile(np.concatenate(stated), PERCENTILES, axis=0)
    low[uncertain == 0] = high[uncertain == 0] = np.nan
    return ScoreIntervals(low=low, high=high, draws=draws, uncertain=uncertain)


def _drawn(
    table: Table, values: Sequence[UncertainValue], randoms: Sequence[np.random.Generator]
) -> Table:
    """Return a copy of a table for each generator, one below the other."""
    copies = table.take(np.tile(np.arange(len(table)), len(randoms)))
    # A generator draws all values of its copy, in their order.
    columns = zip(*([value.draw(random) for value in values] for random in randoms), strict=True)
    drawn = {
        value.column: np.concatenate(column) for value, column in zip(values, columns, strict=True)
    }
    return replace(copies, frame=copies.frame.assign(**drawn))

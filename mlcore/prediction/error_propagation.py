"""How far a predicted probability moves when an object's values move within their own errors.

Catalogues give a value with an upper and a lower error, its 84th and 16th percentile. Each value is
drawn again from the normal halves that these describe, each half with the probability ½ (Barlow
2004, "Asymmetric Errors", arXiv:physics/0401042), cut off where no such quantity can be; the
features are computed again, and the model asked again. The errors of a catalogue's columns are in
truth correlated, which catalogues do not tell: the interval is that of independent ones.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from mlcore.computed import NOTHING_KEPT
from mlcore.errors import DataError
from mlcore.in_words import cardinal, level, percent
from mlcore.inspection.reasons import CLASS_NOUNS
from mlcore.levels import PERCENTILES
from mlcore.models.blocks import steady_probabilities
from mlcore.models.classifier import CLASSES
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.models.classifier import Classifier

__all__ = ["DRAWS", "ScoreIntervals", "UncertainValue", "score_intervals", "uncertain_values"]

DRAWS = 50
FEWEST_DRAWS = 10
"""Fewer say nothing of a 5th percentile; so many are made however long they take."""
_INSIDE = (PERCENTILES[1] - PERCENTILES[0]) / 100
_MOST_ROWS = 20_000
"""So many rows are drawn at once: of a small table many draws cost hardly more than one."""


# Without slots, so that what is the same for each draw is worked out once.
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

    def draw(self, seed: int, draw: int, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return one value a row; a row without errors keeps its own.

        Parameters
        ----------
        seed, draw
            Which draw it is: the same one gives a row the same value, whatever else is drawn.
        numbers
            Of the rows, shape ``(n,)``.
        """
        rows, sizes, inside = self._halves
        up, share = _drawn_numbers(f"{seed} {draw} {self.column}", numbers[rows])
        side, place = up.astype(np.int8), np.arange(len(rows))
        size = sizes[side, place]
        # The half normal distribution, cut off where no such quantity can be, by its inverse.
        steps = ndtri(0.5 + share * inside[side, place]) * size
        value = self.value[rows]
        moved = np.where(up, value + steps, value - steps)
        drawn = self.value.copy()
        drawn[rows] = np.where(size > 0, moved, value)
        return drawn

    @cached_property
    def _halves(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Rows with errors, the size of each one's lower and upper half, and what lies inside."""
        rows = np.flatnonzero(self.known)
        value = self.value[rows]
        sizes = np.stack([self.lower[rows], self.upper[rows]])
        room = np.stack([value - self.bounds[0], self.bounds[1] - value])
        # A value outside its range is the catalogue's; it may not go farther.
        room = np.maximum(room, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            farthest = np.where(sizes > 0, room / sizes, np.inf)
        return rows, sizes, ndtr(farthest) - 0.5


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

    def of(self, row: int) -> tuple[tuple[float, float], ...] | None:
        """Return one object's interval for each of `CLASSES`, None where it has none."""
        low, high = self.low[row], self.high[row]
        if np.isnan(low).any():
            return None
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

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
    drawn_by: Sequence[Any] | None = None,
    errors: pd.DataFrame | None = None,
    draws: int = DRAWS,
    longest: float = math.inf,
    run: RunContext | None = None,
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
    drawn_by
        What those follow from beside the drawn values: then they are kept where the run says.
    errors
        The error columns, where the table's own frame does not keep them.
    draws
        How many draws to make. Draw i is the same whatever their number.
    longest
        Where even `FEWEST_DRAWS` would take longer [s], going by the first one, there is no
        interval.
    run
        Its seed is that of the draws, each of which is a row's own, by its number in its file; its
        progress the fraction of them that are done.

    Raises
    ------
    DataError
        When fewer than `FEWEST_DRAWS` draws are asked for.
    """
    if draws < FEWEST_DRAWS:
        raise DataError(f"draws was {draws}, but it must be at least {FEWEST_DRAWS}.")
    run = run or RunContext()
    values = uncertain_values(table, errors)
    uncertain = np.zeros(len(table), dtype=np.int64)
    for value in values:
        uncertain += value.known
    nothing = np.full((len(table), len(CLASSES)), np.nan)
    none = ScoreIntervals(low=nothing, high=nothing, draws=0, uncertain=uncertain)
    if not uncertain.any() or longest <= 0:
        return none
    begun = monotonic()
    stated = []
    kept = NOTHING_KEPT if drawn_by is None else run.computed

    def features_drawn(batch: range) -> pd.DataFrame:
        drawn = _drawn(table, values, run.seed, batch)
        return drawn.features if features_of is None else features_of(drawn)

    for batch in _batches(len(table), draws):
        features = kept.frame(
            "drawn features",
            [table, errors, batch, run.seed, *(drawn_by or ())],
            partial(features_drawn, batch),
        )
        stated.append(
            steady_probabilities(classifier, features).reshape(len(batch), *nothing.shape)
        )
        if batch.start == 0 and FEWEST_DRAWS * (monotonic() - begun) > longest:
            return none
        run.progress(batch.stop / draws, f"{batch.stop} of {draws} draws")
    low, high = np.percentile(np.concatenate(stated), PERCENTILES, axis=0)
    low[uncertain == 0] = high[uncertain == 0] = np.nan
    return ScoreIntervals(low=low, high=high, draws=draws, uncertain=uncertain)


def _batches(rows: int, draws: int) -> Iterator[range]:
    """Yield which draws are made together, the same ones however many there are in all."""
    # The first one alone: it tells how long the others will take.
    yield range(1)
    at_once = max(1, _MOST_ROWS // rows)
    ends = [*range(1, FEWEST_DRAWS, at_once), *range(FEWEST_DRAWS, draws, at_once), draws]
    yield from map(range, ends, ends[1:])


def _drawn(
    table: Table, values: Sequence[UncertainValue], seed: int, draws: Sequence[int]
) -> Table:
    """Return a copy of a table for each draw, one below the other."""
    copies = table.take(np.tile(np.arange(len(table)), len(draws)))
    drawn = {
        value.column: np.concatenate([value.draw(seed, draw, table.row_numbers) for draw in draws])
        for value in values
    }
    return replace(copies, frame=copies.frame.assign(**drawn))


def _drawn_numbers(
    stream: str, numbers: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return a side and a share in [0, 1) for each number, by hashing it.

    Each number of a stream has its own, so that a row is drawn in the same way alone and among
    others (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; the mixing is that of
    Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    """
    begin = int.from_bytes(hashlib.blake2b(stream.encode(), digest_size=8).digest(), "big")
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(begin)
        for _ in range(2):
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
    share = (mixed & np.uint64((1 << 53) - 1)).astype(np.float64) * 2.0**-53
    return mixed >> np.uint64(63) == 1, share

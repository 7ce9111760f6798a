"""Ways of testing a model beside the fixed split, each by its name.

A protocol decides which rows are trained on and which are tested; it fits through a callable and
so knows of no kind of model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.metrics.measure import measure
from mlcore.metrics.resampling import RESAMPLES
from mlcore.model_selection.protocol import Protocol
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.metrics.figures import Measurement
    from mlcore.model_selection.folds import Fit
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["ProtocolResult", "later_dispositions", "leave_one_mission_out", "time_forward"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtocolResult:
    """What a model said of rows that it was not trained on, and how good that was."""

    protocol: Protocol
    rows: NDArray[np.int64]
    """Positions of the rows that were scored, in the given table."""
    probabilities: NDArray[np.float64]
    """Of each of the task's classes for these rows, shape ``(m, k)``."""
    measurement: Measurement
    """Figures on those of the rows that have a label which the task tells apart."""
    trained_rows: int
    """Rows that the model was trained on; over folds, the fewest."""

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, without the single rows."""
        return {
            "protocol": str(self.protocol),
            "trained_rows": self.trained_rows,
            **self.measurement.as_json(),
        }


def later_dispositions(older: Table, newer: Table) -> pd.Series[str]:
    """Return what the objects of an older table are in a newer one, matched by object name.

    Returns
    -------
    Series
        The newer `Disposition` of each row of `older`, missing where the newer table does not have
        the object or does not know.

    Raises
    ------
    DataError
        When a table has no column with the objects' names, the newer one has no labels or names
        an object twice, or the two have no object in common.
    """
    column = older.dataset.object_name[0]
    for table in (older, newer):
        if column not in table.frame:
            raise DataError(f"The table has no column {column}, which names the objects.")
    if newer.labels is None:
        raise DataError(
            f"The newer table has no column {newer.dataset.label}, which holds the disposition."
        )
    # An object without a name is nobody's match.
    named = newer.frame[column].notna().to_numpy()
    later = pd.Series(newer.labels[named].to_numpy(), index=newer.frame.loc[named, column])
    if len(twice := later.index[later.index.duplicated()]):
        raise DataError(f"The newer table names an object twice in column {column}: {twice[0]}.")
    if not older.frame[column].isin(later.index).any():
        raise DataError(f"The two tables have no object of the same name in column {column}.")
    return older.frame[column].map(later).astype("str").rename("later disposition")


def time_forward(
    fit: Fit,
    rows: LabelledRows,
    later: pd.Series[str],
    *,
    task: Task,
    words: Callable[[str], str] = str,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> ProtocolResult:
    """Train on an older table's labels and test on what its candidates were found to be since.

    The tested rows are those that were candidates and are decided now, with the features of the
    older table; they are not trained on, not even by a task to which a candidate is a class.
    Other objects of the same star that were decided then are: they were known at that time.

    Parameters
    ----------
    fit
        Fits a model; called once.
    rows
        Of the older table.
    later
        The disposition now of each of the same rows, missing where there is none; see
        `later_dispositions`.
    words
        Returns what the figures say of their rows, from which rows these are.
    task, seed, resamples
        What is told apart, the seed of fit and intervals, and the number of resamples.

    Returns
    -------
    ProtocolResult
        Of the tested rows.

    Raises
    ------
    DataError
        When no candidate was decided since, or fewer than two classes are left to train on.
    """
    candidate = (rows.labels == Disposition.CANDIDATE).to_numpy(dtype=bool)
    resolved = later.isin([Disposition.CONFIRMED, Disposition.FALSE_POSITIVE]).to_numpy(dtype=bool)
    tested = candidate & resolved
    if not tested.any():
        raise DataError("No candidate of the older table has a decided disposition in the newer.")
    trained = rows.take(task.decided(rows.labels) & ~tested)
    _check_classes(trained.labels, "The older table", task)
    model = fit(trained, seed)
    scores = task.probabilities(model.predict_proba(rows.features[tested]))
    beside = int(rows.hosts[tested].isin(trained.hosts).sum())
    return ProtocolResult(
        protocol=Protocol.TIME_FORWARD,
        rows=np.flatnonzero(tested),
        probabilities=scores,
        measurement=measure(
            later[tested],
            scores,
            rows.hosts[tested],
            task=task,
            split=words(
                "time-forward: candidates of an older table that were decided since, scored by a"
                f" model of the older table's labels; {beside} of the {int(tested.sum())} have a"
                " neighbour at the same star that was trained on"
            ),
            resamples=resamples,
            seed=seed,
        ),
        trained_rows=len(trained),
    )


def leave_one_mission_out(
    fit: Fit,
    rows: LabelledRows,
    *,
    task: Task,
    words: Callable[[str], str] = str,
    seed: int = 0,
    resamples: int = RESAMPLES,
    progress: ProgressCallback = silent,
) -> dict[str, ProtocolResult]:
    """Test each mission by a model that was trained on the others.

    Parameters
    ----------
    fit
        Fits a model; called once a mission.
    rows
        Of all missions, on columns that they share in the same units. The same star has another
        name in each mission, so one that two missions observed may be on both sides.
    words
        Returns what the figures say of their rows, from which rows these are.
    task, seed, resamples
        What is told apart, the seed of fits and intervals, and the number of resamples.
    progress
        Called with the fraction of the missions that are done.

    Returns
    -------
    dict
        A result for each mission, of all its rows, in the order in which they first occur.

    Raises
    ------
    DataError
        When there is only one mission, or one leaves fewer than two classes to train on.
    """
    missions = rows.missions
    names = list(missions.unique())
    if len(names) < 2:
        raise DataError("The rows are of one mission only; leaving it out leaves none to train on.")
    decided = task.decided(rows.labels)
    results: dict[str, ProtocolResult] = {}
    for place, name in enumerate(names):
        progress(place / len(names), f"testing on {name}")
        left_out = (missions == name).to_numpy(dtype=bool)
        trained = rows.take(decided & ~left_out)
        others = ", ".join(other for other in names if other != name)
        _check_classes(trained.labels, others, task)
        model = fit(trained, seed)
        scores = task.probabilities(model.predict_proba(rows.features[left_out]))
        results[name] = ProtocolResult(
            protocol=Protocol.LEAVE_ONE_MISSION_OUT,
            rows=np.flatnonzero(left_out),
            probabilities=scores,
            measurement=measure(
                rows.labels[left_out],
                scores,
                rows.hosts[left_out],
                task=task,
                split=words(
                    f"all rows of {name}, scored by a model that was trained on {others} alone"
                ),
                resamples=resamples,
                seed=seed,
            ),
            trained_rows=len(trained),
        )
    progress(1.0, "all missions tested")
    return results


def _check_classes(labels: pd.Series[str], source: str, task: Task) -> None:
    if labels.nunique() < 2:
        wanted = ", ".join(kind.replace("_", " ") for kind in task.classes)
        raise DataError(
            f"{source} leaves rows of {labels.nunique()} disposition to train on;"
            f" at least two of {wanted} are needed."
        )

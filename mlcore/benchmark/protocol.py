"""How the benchmark fits, scores and measures, the same way in every task."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.base import clone

from mlcore.benchmark.recipe import BlendedTrees, geometric_mean
from mlcore.benchmark.rows import BenchmarkRow
from mlcore.features import compute, features_of
from mlcore.in_words import cardinal
from mlcore.metrics import measure
from mlcore.model_selection.protocol import FOLDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.benchmark.rows import Aim, Bar
    from mlcore.datasets.table import Table
    from mlcore.metrics import Figure
    from mlcore.model_selection.folds import Fit, FittedModel
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.tasks import Task

__all__ = [
    "BY_STAR",
    "FULL",
    "LEARNT_TOO",
    "QUICK",
    "Effort",
    "blend",
    "columns_and_features",
    "mean_of_seeds",
    "measured_by_seed",
    "unmeasured",
]

BY_STAR = f"{cardinal(FOLDS)} folds by host star"
"""What is said of the rows that are scored by models of other stars."""


LEARNT_TOO = "Undecided objects are learnt from too, as a class more; none is scored."
"""What is said of figures whose recipe was given a table's candidates."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is fitted for each figure."""

    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of folds and fits; every figure is the mean over them."""
    recipe: BlendedTrees = field(default_factory=BlendedTrees)
    """What is fitted, each time with another seed."""
    curves: int = 300
    """Into how many light curves transits are injected, and how many are turned over."""
    days: float = 1461.0
    """How much of a single long light curve is searched [d]: four years."""


FULL = Effort()
"""What the bars are held to."""
QUICK = Effort(seeds=(0,), recipe=BlendedTrees(rounds=5, trees=5), curves=10, days=60.0)
"""Shows that everything is measured; its figures mean nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FittedBlend:
    """Fitted `BlendedTrees` that speak of dispositions, averaged in log-probability."""

    models: tuple[BlendedTrees, ...]
    task: Task

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Return the probability of each `Disposition`, shape ``(n, 3)``."""
        X = features.to_numpy()
        probabilities = np.zeros((len(features), len(self.task.classes)))
        probabilities[:, self.models[0].classes_] = geometric_mean(
            [model.predict_proba(X) for model in self.models]
        )
        return self.task.of_all(probabilities)


def blend(
    recipe: BlendedTrees,
    task: Task,
    weights: NDArray[np.float64] | None = None,
    *,
    times: int = 1,
) -> Fit:
    """Return what fits the recipe for a task.

    Parameters
    ----------
    recipe
        What is fitted; its own seed does not count.
    task
        What is told apart.
    weights
        Weight of each row that will be fitted on, all the same by default.
    times
        How often it is fitted with another seed; what is averaged depends less on chance.
    """

    def fit(rows: LabelledRows, seed: int) -> FittedModel:
        X, target = rows.features.to_numpy(), task.targets(rows.labels)
        seeds = [seed] if times == 1 else [1000 * seed + place for place in range(times)]
        return FittedBlend(
            models=tuple(
                clone(recipe)
                .set_params(random_state=random_state)
                .fit(X, target, sample_weight=weights)
                for random_state in seeds
            ),
            task=task,
        )

    return fit


def columns_and_features(table: Table, *, wide: bool = False) -> pd.DataFrame:
    """Return what a model sees of a mission's whole table: its columns and derived features.

    Columns without a single value are left out.
    """
    columns = table.wide_features if wide else table.features
    names = [feature.name for feature in features_of(table.dataset, wide=wide)]
    derived = compute(table, reference=table, wide=wide)[names]
    both = pd.concat([columns, derived], axis=1)
    return both.loc[:, both.notna().any()]


def measured_by_seed(
    aim: Aim,
    effort: Effort,
    score: Callable[[int], NDArray[np.float64]],
    labels: pd.Series[str],
    hosts: pd.Series[str],
    *,
    task: Task,
    split: str,
) -> tuple[BenchmarkRow, ...]:
    """Return a line for each metric of an aim: the mean over what is said under each seed.

    Parameters
    ----------
    aim
        What is measured.
    effort
        Which seeds.
    score
        Returns the probabilities of the task's classes for the same rows under a seed.
    labels, hosts, task, split
        See `mlcore.metrics.measure`.
    """
    metrics = [bar.metric for bar in aim.bars]
    measurements = [
        measure(labels, score(seed), hosts, task=task, split=split, metrics=metrics, seed=seed)
        for seed in effort.seeds
    ]
    return mean_of_seeds(
        aim,
        [{name: measurement.figure(name) for name in metrics} for measurement in measurements],
    )


def mean_of_seeds(aim: Aim, figures: Sequence[Mapping[str, Figure]]) -> tuple[BenchmarkRow, ...]:
    """Return a line for each metric of an aim: the mean of each seed's figures, by metric."""
    return tuple(_line(aim, bar, [told[bar.metric] for told in figures]) for bar in aim.bars)


def unmeasured(aim: Aim) -> tuple[BenchmarkRow, ...]:
    """Return the lines of an aim that lacks a table."""
    untold = replace(aim, note=f"Not measured: the folder lacks {aim.needs}.")
    return tuple(_line(untold, bar, []) for bar in untold.bars)


def _line(aim: Aim, bar: Bar, figures: Sequence[Figure]) -> BenchmarkRow:
    value, low, high = (
        _mean([getattr(figure, name) for figure in figures]) for name in ("value", "low", "high")
    )
    return BenchmarkRow(
        name=aim.name,
        task=aim.task,
        features=aim.features,
        metric=bar.metric,
        value=value,
        interval=None if low is None or high is None else (low, high),
        bar=bar.value,
        at_most=bar.at_most,
        rows=figures[0].rows if figures else 0,
        note=aim.note,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None

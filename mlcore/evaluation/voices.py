"""What a vetter's word is worth as a probability, and what it and a model know together.

Both are learnt by star: whatever is said of a labelled row was learnt from rows of other stars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from mlcore.calibration.calibrate import calibrate
from mlcore.datasets.opinion import OpinionKind
from mlcore.in_words import CARD, decimal
from mlcore.metrics import METRICS
from mlcore.metrics.resampling import StarResamples
from mlcore.metrics.weighted import LabelledScores
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.calibration.calibrator import Calibration
    from mlcore.datasets.opinion import Opinion
    from mlcore.tasks import Task

__all__ = ["Voices", "as_shares", "log_odds", "of_two", "targets_of", "turned"]

_SURE = 1e-6
"""Probabilities stay this far from 0 and 1, whose log-odds are infinite."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Voices:
    """What the opinion says as a probability, and both together; shape ``(n,)`` each.

    NaN where the opinion says nothing. A row whose label is known is spoken of by what other stars
    taught; any other by what all labelled rows taught.
    """

    opinion: NDArray[np.float64]
    combined: NDArray[np.float64]
    weights: tuple[float, float]
    in_words: str

    @classmethod
    def learnt(
        cls,
        values: NDArray[np.float64],
        model: NDArray[np.float64],
        known: NDArray[np.bool_],
        fold: NDArray[np.int64],
        *,
        labels: pd.Series[str],
        hosts: pd.Series[str],
        task: Task,
        seed: int,
    ) -> Voices:
        """Learn from the rows whose label is known, fold by fold.

        Parameters
        ----------
        values
            The opinion, between 0 and 1 and rising with planets, NaN where it says nothing; shape
            ``(n,)``.
        model
            The model's probability of a planet, shape ``(n,)``.
        known
            Which rows are learnt from, shape ``(n,)``.
        fold
            The fold of each of these, see `mlcore.model_selection.folds.star_folds`.
        labels, hosts
            Disposition and host star of each row.
        task
            A task of two classes.
        seed
            Of the calibration's own division.

        Raises
        ------
        DataError
            When a class has too few stars to calibrate.
        """
        of_opinion, of_both = np.full((2, len(values)), np.nan)
        place = np.full(len(values), -1)
        place[known] = fold
        everywhere = np.isfinite(values)
        for number in (*np.unique(fold), -1):
            learnt = known & (place != number)
            here = everywhere & (place == number)
            both = _Both.learnt(
                values[learnt],
                model[learnt],
                labels[learnt],
                hosts[learnt],
                task=task,
                seed=seed,
            )
            of_opinion[here], of_both[here] = both.said(values[here], model[here])
        # The last of them learnt from all labelled rows.
        return cls(
            opinion=of_opinion,
            combined=of_both,
            weights=both.weights,
            in_words=f"Calibrated ({both.calibration.method}) and combined by host star: what is"
            " said of a labelled row was learnt from rows of other stars.",
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Both:
    """A calibration of the opinion, and a logistic regression on the log-odds of both."""

    calibration: Calibration
    combiner: LogisticRegression
    task: Task

    @classmethod
    def learnt(
        cls,
        values: NDArray[np.float64],
        model: NDArray[np.float64],
        labels: pd.Series[str],
        hosts: pd.Series[str],
        *,
        task: Task,
        seed: int,
    ) -> _Both:
        stated = of_two(values, task)
        labels, hosts = labels.reset_index(drop=True), hosts.reset_index(drop=True)
        calibration = calibrate(stated, labels, hosts, task=task, seed=seed)
        opinion = calibration.apply(stated)[:, task.classes.index(PLANET)]
        combiner = LogisticRegression().fit(
            log_odds(model, opinion), (labels == str(PLANET)).to_numpy(dtype=bool)
        )
        return cls(calibration=calibration, combiner=combiner, task=task)

    def said(
        self, values: NDArray[np.float64], model: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the opinion's probability of a planet and that of both, shape ``(m,)`` each."""
        if not len(values):
            return values, values
        opinion = self.calibration.apply(of_two(values, self.task))[
            :, self.task.classes.index(PLANET)
        ]
        both = self.combiner.predict_proba(log_odds(model, opinion))[:, 1]
        return opinion, np.asarray(both)

    @property
    def weights(self) -> tuple[float, float]:
        model, opinion = self.combiner.coef_[0].tolist()
        return model, opinion


def turned(
    values: NDArray[np.float64],
    known: NDArray[np.bool_],
    planet: NDArray[np.bool_],
    hosts: pd.Series[str],
    opinion: Opinion,
    task: Task,
    seed: int,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the opinion so that it rises with planets, and say so where it did not.

    Learnt is one bit from all labelled rows: whether its ROC-AUC is surely below one half.
    """
    rows = LabelledScores(
        classes=task.classes,
        targets=targets_of(planet[known], task),
        probabilities=of_two(values[known], task),
    )
    drawn = StarResamples(hosts[known], seed=seed)
    auc = drawn.figures(
        lambda weights: METRICS["roc_auc"].of_task(rows.under(weights))[:, np.newaxis]
    )
    _, high = auc.bounds()
    surely = high[0] if np.isfinite(high[0]) else auc.values[0]
    if not surely < 0.5:
        return values, ()
    pointing = {
        OpinionKind.SCORE: "lower scores go with planets",
        OpinionKind.FALSE_POSITIVE_PROBABILITY: "higher probabilities go with planets",
        OpinionKind.DISPOSITION: "what it calls a planet is rarely one",
    }[opinion.kind]
    note = (
        f"On the labelled rows {opinion.column} points the other way than the request says:"
        f" {pointing} (ROC-AUC {decimal(float(auc.values[0]), CARD)}); it was read the other way."
    )
    return 1 - values, (note,)


def as_shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers that rank alike and lie between 0 and 1, NaN where there is none.

    Those that do already stay as they are; any others become the share of all that lies below. No
    label is read.
    """
    ordered: NDArray[np.float64] = np.sort(values[np.isfinite(values)])
    if not len(ordered) or (ordered[0] >= 0 and ordered[-1] <= 1):
        return values
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.where(np.isfinite(values), below / (2 * len(ordered)), np.nan)


def of_two(planet: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    """Return the probabilities of both classes of a task of two, shape ``(n, 2)``."""
    columns = [planet if kind is PLANET else 1 - planet for kind in task.classes]
    return np.column_stack(columns)


def targets_of(planet: NDArray[np.bool_], task: Task) -> NDArray[np.int64]:
    """Return the place of each row's class in a task of two, shape ``(n,)``."""
    place = task.classes.index(PLANET)
    return np.where(planet, place, 1 - place).astype(np.int64)


def log_odds(*probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of probabilities, a column each."""
    return np.column_stack([logit(np.clip(stated, _SURE, 1 - _SURE)) for stated in probabilities])

"""The rows on which a model is measured with and without something, always on the same stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from mlcore.datasets.spec import CLASSES
from mlcore.errors import DataError
from mlcore.in_words import level
from mlcore.levels import INTERVAL_LEVEL
from mlcore.metrics.registry import METRICS
from mlcore.metrics.resampling import RESAMPLES_OF_CHANGES, Resampled, StarResamples
from mlcore.metrics.weighted import LabelledScores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.metrics.spec import Metric
    from mlcore.models.classifier import Classifier

    Figures: TypeAlias = Mapping[str, float]
    """A figure by the name that its metric has under inspection; NaN where not defined."""

__all__ = ["INTERVAL", "RANKED_BY", "InspectedRows", "bounds_by_name", "by_name"]

RANKED_BY = "roc_auc"
"""The figure whose change puts quantities in order."""

INTERVAL = f"{level(INTERVAL_LEVEL)} of {RESAMPLES_OF_CHANGES} resamples by host star"
"""What every interval is, in words."""


class InspectedRows:
    """Labelled rows, whose figures are compared under different probabilities.

    Parameters
    ----------
    classifier
        The model that is inspected.
    features
        Rows in the columns' declared units.
    labels
        True `Disposition` of each row; rows without one, or with one that the model does not tell
        apart, are left out: for a model of planets against false positives a candidate is no
        wrong answer but an open question.
    hosts
        Host star of each row: the intervals resample stars.
    seed
        Seed of the resamples.
    refusal
        What to say where no row has a label, as a sentence.

    Raises
    ------
    DataError
        When no row has a label.
    """

    def __init__(
        self,
        classifier: Classifier,
        features: pd.DataFrame,
        labels: Sequence[str | None],
        hosts: Sequence[str],
        *,
        seed: int,
        refusal: str,
    ) -> None:
        self._task = classifier.task
        decided = pd.Series(list(labels), dtype="object").isin([str(c) for c in classifier.classes])
        if not decided.any():
            raise DataError(refusal)
        kept = np.flatnonzero(decided)
        self._target = self._task.targets(labels)[kept]
        self._resamples = StarResamples(
            np.asarray(hosts, dtype=object)[kept],
            resamples=RESAMPLES_OF_CHANGES,
            seed=seed,
            kept=True,
        )
        self.features = features.loc[:, list(classifier.columns)].iloc[kept].reset_index(drop=True)
        self.stars = self._resamples.stars

    def __len__(self) -> int:
        return len(self._target)

    def figures(self, probabilities: NDArray[np.float64]) -> Resampled:
        """Return the figures of these rows under probabilities of `CLASSES`, shape ``(n, 3)``."""
        rows = LabelledScores(
            classes=self._task.classes,
            targets=self._target,
            probabilities=probabilities[:, [CLASSES.index(c) for c in self._task.classes]],
        )

        def measured(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            scores = rows.under(weights)
            return np.column_stack([metric.of_task(scores) for metric in _inspected().values()])

        return self._resamples.figures(measured)


def by_name(values: NDArray[np.float64]) -> Figures:
    """Return figures by the names that their metrics have under inspection."""
    return dict(zip(_inspected(), values.tolist(), strict=True))


def bounds_by_name(figures: Resampled) -> tuple[Figures, Figures]:
    """Return the bounds of the 95 % interval of each figure; NaN where there is none."""
    low, high = figures.bounds()
    return by_name(low), by_name(high)


def _inspected() -> dict[str, Metric]:
    return {metric.inspected_as: metric for metric in METRICS.values() if metric.inspected_as}

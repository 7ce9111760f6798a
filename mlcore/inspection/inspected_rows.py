"""The rows on which a model is measured with and without something, always on the same stars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mlcore.datasets.spec import CLASSES
from mlcore.errors import DataError
from mlcore.in_words import level
from mlcore.levels import INTERVAL_LEVEL
from mlcore.metrics.registry import METRICS
from mlcore.metrics.resampling import RESAMPLES_OF_CHANGES, Resampled, StarResamples
from mlcore.metrics.weighted import LabelledScores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.metrics.spec import Metric
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.classifier import Classifier

    Figures: TypeAlias = Mapping[str, float]
    """A figure by the name that its metric has under inspection; NaN where not defined."""

__all__ = ["INTERVAL", "RANKED_BY", "Inspected", "InspectedRows", "by_name", "with_bounds"]

RANKED_BY = "roc_auc"
"""The figure whose change puts quantities in order."""

INTERVAL = f"{level(INTERVAL_LEVEL)} of {RESAMPLES_OF_CHANGES} resamples by host star"
"""What every interval is, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspected:
    """What a model reaches on the rows on which it is inspected."""

    rows: int
    """Number of labelled rows that every figure is about."""
    stars: int
    """Number of their host stars."""
    baseline: Figures
    """Figures of the model as it is."""
    baseline_low: Figures
    """Lower end of the 95 % interval of `baseline`; NaN: there is none."""
    baseline_high: Figures


class InspectedRows:
    """Labelled rows, whose figures are compared under different probabilities.

    Parameters
    ----------
    classifier
        The model that is inspected.
    rows
        Those without a label, or with one that the model does not tell apart, are left out: for a
        model of planets against false positives a candidate is no wrong answer but an open
        question. The intervals resample host stars.
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
        self, classifier: Classifier, rows: LabelledRows, *, seed: int, refusal: str
    ) -> None:
        self._task = classifier.task
        kept = np.flatnonzero(rows.labels.isin(list(classifier.classes)))
        if not len(kept):
            raise DataError(refusal)
        self._target = self._task.targets(rows.labels)[kept]
        self._resamples = StarResamples(
            rows.hosts.iloc[kept], resamples=RESAMPLES_OF_CHANGES, seed=seed, kept=True
        )
        features = rows.features.loc[:, list(classifier.columns)]
        self.features = features.iloc[kept].reset_index(drop=True)
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

    def described(self, baseline: Resampled) -> dict[str, Any]:
        """Return the fields of an `Inspected`."""
        names = ("baseline", "baseline_low", "baseline_high")
        figures = dict(zip(names, with_bounds(baseline), strict=True))
        return {"rows": len(self), "stars": self.stars, **figures}


def by_name(values: NDArray[np.float64]) -> Figures:
    """Return figures by the names that their metrics have under inspection."""
    return dict(zip(_inspected(), values.tolist(), strict=True))


def with_bounds(figures: Resampled) -> tuple[Figures, Figures, Figures]:
    """Return figures and the bounds of their 95 % intervals, NaN where there is none, by name."""
    low, high = figures.bounds()
    return by_name(figures.values), by_name(low), by_name(high)


def _inspected() -> dict[str, Metric]:
    return {metric.inspected_as: metric for metric in METRICS.values() if metric.inspected_as}

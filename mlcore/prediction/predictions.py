"""What a model says of a table's rows, column by column."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.spec import CLASSES, Disposition
from mlcore.prediction.scoring import Scored, ranks_of
from mlcore.prediction.writing import write_predictions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.inspection import Explanation
    from mlcore.prediction.assessment import Assessment
    from mlcore.tasks import Task

__all__ = ["Predictions", "actual_labels", "ranks_in_words"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictions:
    """Predictions for a table's rows, column by column."""

    names: list[str]
    hosts: list[str]
    labels: list[str]
    actual: list[str | None]
    scored: Scored
    temperatures: NDArray[np.float64]
    values: NDArray[np.float64]
    """Shape ``(n, p)``."""
    explanation: Explanation
    reasons: list[tuple[str, ...]]
    assessments: list[Assessment]
    ranks: list[int | None]
    """Place in the follow-up list, from 1 for the likeliest planet; None for rows not on it."""
    about: dict[str, Any]
    """What holds for all rows, as JSON values."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Shape ``(n, 3)``, in the order of `CLASSES`."""
        return self.scored.probabilities

    @property
    def features(self) -> pd.DataFrame:
        """What the model saw of the rows, shape ``(n, p)``."""
        return pd.DataFrame(self.values, columns=list(self.explanation.columns))

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row for each object, in words and numbers.

        Of each it has the ``verdict`` in words, the true and the most probable label, the
        calibrated probability of every class, the conformal ``answer``, whether it lies outside of
        what the model knows, how far the catalogue's errors move the probability of its label
        (``p_low`` to ``p_high``), which physical checks it failed, the labelled objects that are
        most alike, and the reasons.
        """
        frame = pd.DataFrame({"name": self.names, "host": self.hosts, "prediction": self.labels})
        frame["verdict"] = [str(one.verdict) for one in self.assessments]
        if any(self.actual):
            frame["actual"] = self.actual
        for position, kind in enumerate(CLASSES):
            frame[f"p_{kind}"] = self.probabilities[:, position]
        said = self.assessments
        frame["answer"] = [one.conformal.answer if one.conformal else None for one in said]
        frame["outside_domain"] = [one.novelty.outside for one in said]
        if any(self.ranks):
            frame["follow_up_rank"] = pd.array(self.ranks, dtype="Int64")
        bounds = [self._score_interval(place) for place in range(len(self))]
        frame["p_low"], frame["p_high"] = zip(*bounds, strict=True) if bounds else ((), ())
        frame["failed_checks"] = ["; ".join(one.failed_checks) for one in said]
        frame["alike"] = [
            "; ".join(f"{alike.name} ({alike.disposition})" for alike in one.nearest_neighbours)
            for one in said
        ]
        frame["reasons"] = ["; ".join(sentences) for sentences in self.reasons]
        return frame

    def _score_interval(self, place: int) -> tuple[float | None, float | None]:
        interval = self.assessments[place].interval
        label = Disposition(self.labels[place])
        return (None, None) if interval is None else interval[CLASSES.index(label)]

    def write(self, path: Path) -> None:
        """Write everything to a Parquet file that `prediction_rows` reads."""
        write_predictions(self, path)

    @classmethod
    def joined(cls, parts: Sequence[Predictions], task: Task) -> Predictions:
        """Return the predictions of several tables as one, with one follow-up list."""
        if len(parts) == 1:
            return parts[0]
        whole: Predictions = _joined(parts)
        listed = np.array([rank is not None for rank in whole.ranks], dtype=bool)
        return replace(whole, ranks=ranks_in_words(ranks_of(task, listed, whole.probabilities)))


def _joined(parts: Sequence[Any]) -> Any:
    """Return values of the rows of several tables as one, field by field where they have fields."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, list):
        return [row for part in parts for row in part]
    if is_dataclass(first) and not isinstance(first, type):
        joined = {
            field.name: _joined([getattr(part, field.name) for part in parts])
            for field in fields(first)
        }
        return replace(first, **joined)
    # Columns and scale, which all tables share.
    return first


def actual_labels(table: Table) -> list[str | None]:
    """Return the true `Disposition` of each row, None where it is not known."""
    if table.labels is None:
        return [None] * len(table.frame)
    return [None if pd.isna(label) else str(label) for label in table.labels]


def ranks_in_words(ranks: NDArray[np.int64]) -> list[int | None]:
    """Return places in the follow-up list, None for rows that are not on it."""
    return [rank or None for rank in ranks.tolist()]

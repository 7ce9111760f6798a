"""A table of more rows than are explained at once: scored whole, measured on some of its stars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.evaluation.report import measure_rows
from mlcore.jobs.messages import ROWS
from mlcore.jobs.prediction_report import Measured
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.prediction.large import predict_large
from mlcore.prediction.stored import EXPLAINED_AT_ONCE
from mlcore.progress import silent
from mlcore.tasks import find_task

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.evaluation.report import Report
    from mlcore.jobs.tables import JobTables
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.large import LargePrediction
    from mlcore.run import RunContext

__all__ = [
    "EXPLAINED_LATER",
    "MEASURED_AT_ONCE",
    "LargeTable",
    "looked_at_closely",
    "predicted_large",
]

MEASURED_AT_ONCE = 100_000
"""Of more labelled rows the figures are those of whole stars that have about so many."""
EXPLAINED_LATER = (
    "The table is large: every object has its probability, its conformal set, whether it lies"
    " within what the model knows, its physical checks and its verdict. Reasons, score intervals"
    " and similar objects are worked out when an object is looked at."
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LargeTable:
    """What was predicted for a large table, and the rows on which it is looked at closely."""

    whole: LargePrediction
    tables: JobTables
    """With the rows that are looked at closely in the place of all."""
    measured: Measured
    figures_on: NDArray[np.int64]
    """Positions of the rows that the figures are about."""
    figures_words: str
    """Which rows these are."""
    testing: Table

    def with_figures(self, report: Report, model: TrainedModel, run: RunContext) -> Report:
        """Return a report with figures on more rows than were looked at closely."""
        if len(self.figures_on) <= len(self.measured.features):
            return report
        table = self.testing.take(self.figures_on)
        nothing = pd.DataFrame(index=table.frame.index)
        tested = measure_rows(
            LabelledRows.of([table], nothing),
            self.whole.rows.scored.probabilities[self.figures_on],
            task=find_task(model.task.name),
            split=model.inputs.marked(self.figures_words),
            run=run.reporting(silent),
        )
        return replace(
            report,
            tested=replace(report.tested, measurement=tested.measurement, curves=tested.curves),
        )


def predicted_large(
    model: TrainedModel, tables: JobTables, folder: Path, run: RunContext
) -> LargeTable:
    """Predict a large table, and choose the rows on which the prediction is measured.

    Parameters
    ----------
    model
        What answers.
    tables
        What is predicted.
    folder
        Where the rows are kept.
    run
        Its seed draws the rows.
    """
    testing = tables.testing
    looked_at, words = looked_at_closely(model, tables, EXPLAINED_AT_ONCE, run.seed)
    figures_on, figures_words = looked_at_closely(model, tables, MEASURED_AT_ONCE, run.seed)
    whole = predict_large(
        model,
        testing,
        reference=tables.reference,
        looked_at=looked_at,
        rows_path=folder / ROWS,
        run=run,
    )
    explained = testing.take(whole.explained)
    return LargeTable(
        whole=whole,
        tables=replace(tables, testing=testing.take(looked_at), tested_on=words),
        measured=Measured(
            features=whole.features,
            probabilities=whole.rows.scored.probabilities[looked_at],
            explained=explained,
            explained_features=whole.explained_features,
            explanation=whole.explanation,
            explained_as=f"; importance on {len(explained)} rows drawn from all",
        ),
        figures_on=figures_on,
        figures_words=figures_words,
        testing=testing,
    )


def looked_at_closely(
    model: TrainedModel, tables: JobTables, most: int, seed: int
) -> tuple[NDArray[np.int64], str]:
    """Return the rows of whole stars that stand for a large table, and which they are in words.

    Parameters
    ----------
    model
        What answers: rows with labels that it tells apart stand for the others, where there are
        any.
    tables
        What is predicted.
    most
        About how many.
    seed
        Draws the stars; fewer rows are among more.
    """
    testing = tables.testing
    decided = np.zeros(len(testing), dtype=bool)
    if testing.labels is not None:
        decided = find_task(model.task.name).decided(testing.labels)
    pool = np.flatnonzero(decided) if decided.any() else np.arange(len(testing))
    rows = pool[_of_whole_stars(testing.hosts.iloc[pool], most, seed)]
    if len(rows) == len(testing):
        return rows, tables.tested_on
    labelled = "labelled " if decided.any() else ""
    drawn = "" if len(rows) == len(pool) else f", of stars drawn with the seed {seed}"
    words = f"{len(rows)} of the {len(pool)} {labelled}rows{drawn}"
    return rows, f"{tables.tested_on}; {words}"


def _of_whole_stars(hosts: pd.Series[str], most: int, seed: int) -> NDArray[np.int64]:
    """Return positions of the rows of stars that are drawn until there are so many, rising.

    A smaller number of rows is of the same stars, as far as it goes.
    """
    if len(hosts) <= most:
        return np.arange(len(hosts))
    star, stars = pd.factorize(hosts)
    place = np.random.default_rng([seed, len(stars)]).permutation(len(stars))[star]
    order = np.argsort(place, kind="stable")
    last = place[order[most]]
    chosen = order[place[order] < last]
    # One star alone may have more rows than are wanted.
    return np.sort(chosen if len(chosen) else order[:most])

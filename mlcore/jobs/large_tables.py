"""A table of more rows than are explained at once: scored whole, measured on some of its stars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.evaluation.measured_rows import ExplainedRows, MeasuredRows
from mlcore.evaluation.report import measure_rows
from mlcore.jobs.messages import ROWS
from mlcore.jobs.read_first import Outline
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.prediction.large import predict_large
from mlcore.prediction.stored import EXPLAINED_AT_ONCE
from mlcore.prediction.writing import write_scored
from mlcore.progress import silent
from mlcore.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.evaluation.report import Report
    from mlcore.jobs.tables import JobTables
    from mlcore.models.spec import OutputScale
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
    measured: MeasuredRows
    """The rows that are looked at closely."""
    figures_on: NDArray[np.int64]
    """Positions of the rows that the figures are about."""
    figures_words: str
    """Which rows these are."""
    testing: Table
    left_out: tuple[str, ...] = (EXPLAINED_LATER,)

    @property
    def outline(self) -> Outline:
        """What is said of the rows as a whole."""
        return Outline.of(self.whole.rows.scored, self.whole.about)

    @property
    def scale(self) -> OutputScale:
        """What kind of number is explained."""
        return self.whole.explanation.scale

    def write(self, path: Path) -> None:
        """Write what is said of each row."""
        write_scored(self.whole.rows, self.whole.about, path)

    def with_figures(self, report: Report, model: TrainedModel, run: RunContext) -> Report:
        """Return a report with figures on more rows than were looked at closely."""
        if len(self.figures_on) <= len(self.measured.rows):
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
        The job's own, with the one of its results, where the rows are kept.
    run
        Its seed draws the rows.
    """
    testing = tables.testing
    standing = _standing_for(model, tables, run.seed)
    looked_at, words = standing.rows(EXPLAINED_AT_ONCE)
    figures_on, figures_words = standing.rows(MEASURED_AT_ONCE)
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
        measured=MeasuredRows(
            rows=LabelledRows.of([testing.take(looked_at)], whole.features),
            words=words,
            probabilities=whole.rows.scored.probabilities[looked_at],
            explained=ExplainedRows(
                rows=LabelledRows.of([explained], whole.explained_features),
                explanation=whole.explanation,
                which=f"; importance on {len(explained)} rows drawn from all",
            ),
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
    return _standing_for(model, tables, seed).rows(most)


# Without slots, so that the stars are drawn once.
@dataclass(frozen=True, kw_only=True, eq=False)
class _Standing:
    """The rows that may stand for a large table."""

    pool: NDArray[np.int64]
    """Their positions."""
    hosts: pd.Series[str]
    seed: int
    words: Callable[[int], str]
    """Which rows so many of them are."""

    @cached_property
    def drawn(self) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """The rows as their stars are drawn, and where each one's star is among the stars."""
        star, stars = pd.factorize(self.hosts)
        place = np.random.default_rng([self.seed, len(stars)]).permutation(len(stars))[star]
        order = np.argsort(place, kind="stable")
        return order, place[order]

    def rows(self, most: int) -> tuple[NDArray[np.int64], str]:
        """Return the rows of stars until there are so many, rising, and which they are in words.

        A smaller number of rows is of the same stars, as far as it goes.
        """
        chosen = self.pool
        if len(chosen) > most:
            order, place = self.drawn
            whole = np.searchsorted(place, place[most])
            # One star alone may have more rows than are wanted.
            chosen = self.pool[np.sort(order[: whole or most])]
        return chosen, self.words(len(chosen))


def _standing_for(model: TrainedModel, tables: JobTables, seed: int) -> _Standing:
    testing = tables.testing
    decided = np.zeros(len(testing), dtype=bool)
    if testing.labels is not None:
        decided = find_task(model.task.name).decided(testing.labels)
    labelled = bool(decided.any())
    pool = np.flatnonzero(decided) if labelled else np.arange(len(testing))

    def words(count: int) -> str:
        if count == len(testing):
            return tables.tested_on
        drawn = "" if count == len(pool) else f", of stars drawn with the seed {seed}"
        named = f"{count} of the {len(pool)} {'labelled ' if labelled else ''}rows{drawn}"
        return f"{tables.tested_on}; {named}"

    hosts = testing.hosts.iloc[pool] if labelled else testing.hosts
    return _Standing(pool=pool, hosts=hosts, seed=seed, words=words)

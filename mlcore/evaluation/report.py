"""What is known of a model after it was tested: figures, probes, curves, what it rests on.

Every figure says which rows it is of, by which split, and how sure it is; what a column that
follows the label contributed to is marked in the same words.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mlcore._json import strict
from mlcore.datasets.spec import CLASSES
from mlcore.metrics import METRICS, curves, measure, measure_slices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.calibration.calibrator import Calibration
    from mlcore.datasets.table import Table
    from mlcore.evaluation.feature_importance import FeatureImportance
    from mlcore.evaluation.fewer_columns import FewerColumns
    from mlcore.evaluation.probes import ProbeReport
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.evaluation.second_opinion import SecondOpinion
    from mlcore.evaluation.subsets import Subset
    from mlcore.inspection.needed_columns import NeededColumns
    from mlcore.metrics import Curves, Measurement, SlicedMeasurements
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.model_selection.protocol import Protocol
    from mlcore.run import RunContext
    from mlcore.tasks import Task

__all__ = ["Forgetting", "Report", "Tested", "measure_rows", "slices_of_rows", "summary"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """Figures on the tested rows; each is None or empty where no row has a true label."""

    measurement: Measurement | None = None
    curves: Curves | None = None
    slices: tuple[SlicedMeasurements, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgetting:
    """What fine-tuning did to a model on the rows that it was published for."""

    before: Measurement
    after: Measurement
    warning: str | None
    """A sentence where the reference test set was forgotten."""

    def as_json(self) -> dict[str, Any]:
        """Return both measurements and the warning as JSON values."""
        return {
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "warning": self.warning,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything that is known of a tested model."""

    task: Task
    protocol: Protocol
    """The name of testing on these rows."""
    split: str
    """Which rows were tested, in words."""
    mark: str | None
    """What must stand beside every figure; None where nothing must."""
    tested: Tested
    feature_importance: FeatureImportance | None
    columns: NeededColumns
    calibration: Calibration | None = None
    probes: ProbeReport | None = None
    protocols: tuple[ProtocolResult, ...] = ()
    before: Measurement | None = None
    """Figures of the same rows before fine-tuning."""
    reference_test_set: Forgetting | None = None
    """Figures of the mission's own test rows before and after fine-tuning."""
    search: dict[str, Any] | None = None
    """What a search tried, the best first; see `mlcore.automl.leaderboard.SearchResult.as_json`."""
    fewer_columns: FewerColumns | None = None
    """What the model lost by being fitted anew without columns that the table lacks."""
    second_opinion: SecondOpinion | None = None
    """What another vetter says of the same rows."""
    notes: tuple[str, ...] = ()
    """Why a part is missing, as sentences."""
    subsets: tuple[Subset, ...] = ()
    """Figures without the rows that are no fair test, where there are such."""

    @property
    def measurement(self) -> Measurement | None:
        """Figures on the tested rows."""
        return self.tested.measurement

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        tested = self.tested
        everything = {
            "task": self.task.name,
            "question": self.task.question,
            "protocol": str(self.protocol),
            "split": self.split,
            "mark": self.mark,
            "measurement": _json(tested.measurement),
            "curves": _json(tested.curves),
            "slices": [part.as_json() for part in tested.slices],
            "probes": _json(self.probes),
            "protocols": [part.as_json() for part in self.protocols],
            "calibration": self.calibration and self.calibration.as_figures(self.mark),
            "importance": _json(self.feature_importance),
            "columns": asdict(self.columns) | {"lacking": self.columns.lacking},
            "before_fine_tuning": _json(self.before),
            "old_domain": _json(self.reference_test_set),
            "fewer_columns": _json(self.fewer_columns),
            "second_opinion": _json(self.second_opinion),
            "search": self.search,
            "notes": list(self.notes),
            "subsets": [part.as_json() for part in self.subsets],
        }
        return cast("dict[str, Any]", strict(everything))


def measure_rows(
    rows: LabelledRows,
    probabilities: NDArray[np.float64],
    *,
    task: Task,
    split: str,
    run: RunContext,
) -> Tested:
    """Measure what a model says of rows, as far as these have true labels.

    Parameters
    ----------
    rows
        The tested rows, with their tables.
    probabilities
        What the model says of them, of each of `CLASSES`, shape ``(n, 3)``.
    task, split
        See `mlcore.metrics.measure`.
    run
        Its seed is that of the intervals.
    """
    decided = task.decided(rows.labels)
    if not decided.any():
        return Tested()
    labels, hosts = rows.labels[decided], rows.hosts[decided]
    known = task.probabilities(probabilities)[decided]
    measurement = measure(labels, known, hosts, task=task, split=split, seed=run.seed)
    run.progress(0.6, "curves")
    drawn = curves(labels, known, hosts, task=task, split=split, seed=run.seed)
    return Tested(measurement=measurement, curves=drawn)


def slices_of_rows(
    rows: LabelledRows,
    probabilities: NDArray[np.float64],
    *,
    task: Task,
    split: str,
    references: Mapping[str, Table] = MappingProxyType({}),
    seed: int = 0,
) -> tuple[SlicedMeasurements, ...]:
    """Measure tested rows by kind of object, as far as they have true labels.

    Parameters
    ----------
    rows, probabilities, task, split
        As in `measure_rows`.
    references
        The whole catalogue of each mission, by its name.
    seed
        Of the intervals.
    """
    if not task.decided(rows.labels).any():
        return ()
    scores = task.probabilities(probabilities)
    ends = np.cumsum([len(table) for table in rows.tables])
    return tuple(
        sliced
        # A slice is of one mission: its columns and units are the mission's own.
        for table, here in zip(rows.tables, np.split(scores, ends[:-1]), strict=True)
        for sliced in measure_slices(
            table,
            here,
            task=task,
            split=split,
            reference=references.get(table.dataset.name),
            seed=seed,
        )
    )


def summary(measurement: Measurement | None) -> dict[str, Any] | None:
    """Return the few figures that stand beside a session in a list, as JSON values.

    Each number is told again under ``figures``, with its rows, its split and its interval.
    """
    if measurement is None:
        return None
    counts = measurement.confusion.counts
    summarised = [metric for metric in METRICS.values() if metric.summarised]
    # A client of the first days reads ROC-AUC with its interval, and the others as bare numbers.
    bare = [metric for metric in summarised if metric.name != "roc_auc"]
    support = {label: sum(row) for label, row in zip(measurement.classes, counts, strict=True)}
    confusion = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    places = [CLASSES.index(kind) for kind in measurement.classes]
    confusion[np.ix_(places, places)] = counts
    return {
        "task": measurement.task,
        "rows": measurement.rows,
        "stars": measurement.stars,
        "split": measurement.split,
        "average": "macro",
        **{metric.name: measurement.figure(metric.name).value for metric in bare},
        "roc_auc": measurement.figure("roc_auc").as_json(),
        "figures": [
            figure.as_json() for figure in measurement.figures if METRICS[figure.name] in summarised
        ],
        "per_class": {
            str(label): {
                metric.name: measurement.figure(metric.name, label).value
                for metric in bare
                if metric.per_class
            }
            | {"rows": support[label]}
            for label in measurement.classes
            if support[label]
        },
        "confusion_matrix": confusion.tolist(),
        "classes": [str(label) for label in CLASSES],
    }


def _json(part: Any) -> Any:
    return None if part is None else part.as_json()

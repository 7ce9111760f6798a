"""A tested model as it is read: its metrics, its inspection, its probes, its predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.errors import DataError
from mlcore.evaluation.report import summary
from mlcore.evaluation.summary import sentences_of

if TYPE_CHECKING:
    from mlcore.calibration.calibrator import Calibration
    from mlcore.datasets.spec import Disposition
    from mlcore.evaluation.feature_importance import FeatureImportance
    from mlcore.evaluation.probes import ProbeReport
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.evaluation.report import Report
    from mlcore.inspection import Explanation
    from mlcore.inspection.needed_columns import NeededColumns
    from mlcore.metrics import Curves, Figure, SlicedMeasurements
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions

__all__ = ["Inspection", "Metrics", "ModelResult"]


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good a model was on the tested rows; a figure is found by its metric's name."""

    report: Report

    def __getitem__(self, name: str) -> Figure:
        return self.figure(name)

    def figure(self, name: str, of: Disposition | None = None) -> Figure:
        """Return a figure by its metric's name and, where it is of one class, that class.

        Raises
        ------
        DataError
            When no tested row has a true label.
        KeyError
            When there is no such figure.
        """
        if self.report.measurement is None:
            raise DataError("Nothing was measured: no tested row has a true label.")
        return self.report.measurement.figure(name, of)

    def summary(self) -> dict[str, Any] | None:
        """Return the few figures that stand beside a session in a list, as JSON values."""
        return summary(self.report.measurement)

    @property
    def curves(self) -> Curves | None:
        """ROC, precision against recall, and reliability."""
        return self.report.tested.curves

    @property
    def slices(self) -> tuple[SlicedMeasurements, ...]:
        """The figures by kind of object."""
        return self.report.tested.slices

    @property
    def protocols(self) -> tuple[ProtocolResult, ...]:
        """The figures of testing in other ways."""
        return self.report.protocols

    @property
    def calibration(self) -> Calibration | None:
        """What was learnt about the probabilities."""
        return self.report.calibration


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a model rests on, over all tested rows and for each."""

    report: Report
    predictions: Predictions

    @property
    def importance(self) -> FeatureImportance | None:
        """Which quantities it rests on, by permutation and by contribution."""
        return self.report.feature_importance

    @property
    def contributions(self) -> Explanation:
        """The signed contribution of each column to each row's answer."""
        return self.predictions.explanation

    @property
    def columns(self) -> NeededColumns:
        """Which columns it needs, and which of them the tested table lacks."""
        return self.report.columns


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelResult:
    """A model, what it says of some rows, and what is known of it there."""

    model: TrainedModel
    predictions: Predictions
    report: Report
    warnings: tuple[str, ...]
    """What the user should know of, as sentences."""

    def __str__(self) -> str:
        return "\n".join(dict.fromkeys((*sentences_of(self.report), *self.warnings)))

    @property
    def metrics(self) -> Metrics:
        """How good it was."""
        return Metrics(self.report)

    @property
    def inspection(self) -> Inspection:
        """What it rests on."""
        return Inspection(self.report, self.predictions)

    @property
    def probes(self) -> ProbeReport | None:
        """What models reach that should know nothing; None where no row has a true label."""
        return self.report.probes

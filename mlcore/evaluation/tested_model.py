"""A model with the rows that it was tested on: what can be asked of it after its first answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcore.evaluation.feature_importance import measure_permutation_importance
from mlcore.evaluation.probes import with_row_split
from mlcore.evaluation.report import slices_of_rows
from mlcore.prediction.assessment import intervals_of_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.evaluation.probes import ProbeReport, Refit
    from mlcore.inspection.permutation_importance import PermutationImportance
    from mlcore.metrics import Measurement, SlicedMeasurements
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.error_propagation import ScoreIntervals
    from mlcore.run import RunContext
    from mlcore.tasks import Task

__all__ = ["TestedModel"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TestedModel:
    """A fitted model, the rows that it was tested on, and those that it learnt from."""

    model: TrainedModel
    rows: LabelledRows
    """What the model sees of the tested rows, with their tables."""
    probabilities: NDArray[np.float64]
    """What it says of them, of each of `CLASSES`, shape ``(n, 3)``."""
    measurement: Measurement | None
    """Its figures on them; None where no row has a true label."""
    task: Task
    split: str
    """Which rows they are, in words, with the mark where there is one."""
    learned_from: LabelledRows
    """The training rows, as far as the model learnt from them."""
    references: Mapping[str, Table] = field(default_factory=dict)
    """The whole catalogue of each mission, by its name."""

    def slices(self, *, seed: int = 0) -> tuple[SlicedMeasurements, ...]:
        """Measure it by kind of object."""
        return slices_of_rows(
            self.rows,
            self.probabilities,
            task=self.task,
            split=self.split,
            references=self.references,
            seed=seed,
        )

    @property
    def seconds_of_permutations(self) -> float:
        """How long it is expected to take to permute each quantity once [s]; asks the model."""
        begun = time.monotonic()
        self.model.classifier.predict_proba(self.rows.features)
        quantities = set(self.model.quantities(self.rows.tables[0].dataset).values())
        return (time.monotonic() - begun) * len(quantities)

    def permutation_importance(self, run: RunContext) -> PermutationImportance | None:
        """Measure what the figures lose with a quantity permuted."""
        return measure_permutation_importance(
            self.model, self.rows, seed=run.seed, progress=run.progress
        )

    def row_split(self, probes: ProbeReport, refit: Refit, run: RunContext) -> ProbeReport:
        """Add to the probes what a split by row would claim; see `with_row_split`."""
        if self.measurement is None:
            return probes
        return with_row_split(
            probes,
            self.learned_from,
            self.rows,
            self.measurement,
            task=self.task,
            refit=refit,
            run=run,
        )

    def score_intervals(self, run: RunContext) -> ScoreIntervals:
        """Draw the tested rows' values within their errors, as often as is of use."""
        return intervals_of_scores(self.model, self.rows.tables[0], self.rows.features, run=run)

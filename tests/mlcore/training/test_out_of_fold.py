from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.levels import COVERAGE
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.protocol import FOLDS, Protocol
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.models.workload import affordable_folds
from mlcore.run import RunContext
from mlcore.tasks import DISPOSITION, VETTING
from mlcore.training.out_of_fold import score_out_of_fold
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.model_selection.folds import Fit, FittedModel
    from mlcore.training.out_of_fold import OutOfFold


class Witness:
    """Fits a model and remembers the stars of every fit."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        self.stars: list[set[str]] = []

    def __call__(self, rows: LabelledRows, seed: int) -> FittedModel:
        self.stars.append(set(rows.hosts))
        return self.fit(rows, seed)


@pytest.fixture(scope="module")
def sample(kepler_tables: tuple[Table, Table]) -> LabelledRows:
    training = kepler_tables[0]
    return rows_to_learn_from([LabelledRows.of([training], training.features)], MEASURED)


@pytest.fixture(scope="module")
def witness() -> Witness:
    kind = MODELS["linear_regression"]
    return Witness(Recipe(kind, kind.read_hyperparameters({})[0], DISPOSITION).fit)


@pytest.fixture(scope="module")
def out_of_fold(sample: LabelledRows, witness: Witness) -> OutOfFold:
    return score_out_of_fold(
        witness, sample, task=DISPOSITION, inputs=MEASURED, run=RunContext(seed=4)
    )


def test_each_star_is_held_out_once_and_scored_by_what_other_stars_taught(
    out_of_fold: OutOfFold, witness: Witness, sample: LabelledRows
) -> None:
    assert len(witness.stars) == FOLDS
    everyone = set(sample.hosts)
    unseen = [everyone - stars for stars in witness.stars]
    assert set.union(*unseen) == everyone
    assert sum(map(len, unseen)) == len(everyone)
    assert out_of_fold.notes == ()


def test_every_training_row_is_measured_calibrated_and_compared_with(
    out_of_fold: OutOfFold, sample: LabelledRows
) -> None:
    assert out_of_fold.calibration is not None
    assert out_of_fold.calibration.rows == len(sample)
    assert out_of_fold.conformal is not None
    assert sum(map(len, out_of_fold.conformal.scores)) == len(sample)
    result = out_of_fold.measure()
    assert result is not None
    assert result.protocol is Protocol.CROSS_VALIDATED
    assert list(result.rows) == list(range(len(sample)))
    assert result.measurement.rows == len(sample)
    assert result.measurement.stars == sample.hosts.nunique()
    assert 0.7 * len(sample) < result.trained_rows < 0.85 * len(sample)


def test_the_folds_figures_say_what_they_are(out_of_fold: OutOfFold) -> None:
    result = out_of_fold.measure()
    assert result is not None
    assert result.measurement.split == (
        "5-fold cross-validation by host star of the training rows: each row is scored and"
        " calibrated by what other stars taught"
    )
    area = result.measurement.figure("roc_auc")
    assert area.value is not None
    assert area.low is not None
    assert area.value > 0.7


def test_sets_of_answers_hold_the_truth_as_often_as_promised(
    out_of_fold: OutOfFold, sample: LabelledRows
) -> None:
    assert out_of_fold.conformal is not None
    result = out_of_fold.measure()
    assert result is not None
    answers = out_of_fold.conformal.answers(result.probabilities)
    for kind in DISPOSITION.classes:
        own = [
            kind in answer.possible
            for answer, label in zip(answers, sample.labels, strict=True)
            if label == kind
        ]
        assert np.mean(own) > COVERAGE - 0.03


def test_a_label_derived_column_marks_the_folds_figures(
    sample: LabelledRows, witness: Witness
) -> None:
    inputs = Inputs(feature_set=FeatureSet.MEASURED, label_derived=("koi_score",))
    few = sample.take(np.arange(len(sample)) < 200)
    scored = score_out_of_fold(
        witness.fit, few, task=DISPOSITION, inputs=inputs, folds=2, run=RunContext()
    )
    assert scored.measure() is not None
    assert scored.measure().measurement.split.startswith("2-fold cross-validation by host star")
    assert scored.measure().measurement.split.endswith("; uses label-derived columns: koi_score")


def test_too_few_stars_are_said_and_nothing_is_learnt_from_them(
    sample: LabelledRows, witness: Witness
) -> None:
    labels = sample.labels.to_numpy()
    stars = pd.Series(sample.hosts)
    chosen: NDArray[np.bool_] = np.zeros(len(sample), dtype=bool)
    for kind, count in (("false_positive", 30), ("confirmed", 3)):
        some = stars[labels == kind].drop_duplicates().iloc[:count]
        chosen |= np.isin(stars, some) & (labels == kind)
    scored = score_out_of_fold(
        witness.fit, sample.take(chosen), task=VETTING, inputs=MEASURED, run=RunContext()
    )
    assert (scored.calibration, scored.conformal, scored.measure()) == (None, None, None)
    (note,) = scored.notes
    assert note == (
        "The probabilities are not calibrated, and no set of answers: The rows that are confirmed"
        " belong to 3 host stars; a division into 5 folds needs at least 5."
    )


@pytest.mark.parametrize(("seconds", "folds"), [(0.1, 3), (240.0, 3), (240.1, 2), (1e6, 2)])
def test_a_slow_model_is_fitted_fewer_times(seconds: float, folds: int) -> None:
    assert affordable_folds(seconds, rows=1000, cross_validated=False) == folds


def test_a_test_by_folds_that_was_asked_for_has_five_of_them_unless_a_fit_is_slow() -> None:
    assert affordable_folds(240.0, rows=200_000, cross_validated=True) == FOLDS == 5
    assert affordable_folds(240.1, rows=1000, cross_validated=True) == 2


def test_progress_names_the_fold(sample: LabelledRows, witness: Witness) -> None:
    seen: list[tuple[float, str]] = []
    score_out_of_fold(
        witness.fit,
        sample,
        task=DISPOSITION,
        inputs=MEASURED,
        folds=2,
        run=RunContext(progress=lambda done, step: seen.append((done, step))),
    )
    assert seen == [(0.0, "fold 1 of 2"), (0.5, "fold 2 of 2"), (1.0, "fold 2 of 2")]


def test_of_very_many_rows_two_folds_teach_the_calibration_enough() -> None:
    folds = [affordable_folds(10.0, rows=rows, cross_validated=False) for rows in (49_999, 50_000)]
    assert folds == [3, 2]

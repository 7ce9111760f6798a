"""Fine-tuning: a published booster goes on learning from a user's rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xgboost
from xgboost import XGBClassifier

from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.evaluation.report import Forgetting
from mlcore.in_words import decimal
from mlcore.metrics import METRICS, measure
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.training_rows import labelled_rows, labels_of
from mlcore.models.fitting import RoundReport
from mlcore.parallel import ONE_CORE
from mlcore.progress import Progress, silent
from mlcore.run import RunContext
from mlcore.tasks import find_task
from mlcore.training.out_of_fold import OutOfFold, score_out_of_fold

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.metrics import Figure, Measurement
    from mlcore.model_selection.folds import Fit
    from mlcore.models.classifier import Classifier
    from mlcore.models.trained_model import TrainedModel
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = [
    "ROUNDS",
    "FineTuned",
    "compare_on_reference_test_set",
    "continuation",
    "figures_of_model",
    "fine_tune",
    "rows_to_tune_on",
]

_REMEMBERED = ("roc_auc", "log_loss", "expected_calibration_error")
"""Figures of the reference test set that tell of forgetting: its order, and its probabilities."""

ROUNDS = 100
"""Boosting rounds that fine-tuning adds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FineTuned:
    """A fine-tuned model and what it went on learning from."""

    model: TrainedModel
    out_of_fold: OutOfFold
    """What the user's held-out stars taught: the model is recalibrated on them."""
    learned_from: LabelledRows


def fine_tune(
    model: TrainedModel,
    table: Table,
    *,
    reference: Table | None = None,
    seed: int = 0,
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
) -> FineTuned:
    """Continue a published booster on the rows of a user's table.

    The trees that are there stay as they are and new ones are added that correct them on the
    user's rows, with the learning rate of the published model. The same is done once more without
    the stars of each of a few folds, and probabilities and sets of answers are calibrated on these.
    Stars that the published model knows are held out of no fold: it would be too sure of them.

    Parameters
    ----------
    model
        A published model whose classifier is xgboost's.
    table
        Labelled rows of a mission that it serves; rows without a label of its task are left
        out, absent feature columns count as missing values.
    reference
        The mission's whole catalogue, see `mlcore.features.compute`.
    seed
        Of the division into folds and of intervals; growing trees draws by the model's own.
    cores
        Where to find free ones for the folds.
    progress
        Called with the fraction that is done.

    Returns
    -------
    FineTuned
        With a new model; the given one is unchanged.

    Raises
    ------
    DataError
        When the table has no labelled row, or has a class that the published model lacks.

    Examples
    --------
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> tuned = mlcore.fine_tune(model, table.take(range(300)))
    >>> before, after = (
    ...     each.classifier.estimator.get_booster().num_boosted_rounds()
    ...     for each in (model, tuned.model)
    ... )
    >>> after > before
    True
    """
    classifier = model.classifier
    if not isinstance(classifier.estimator, XGBClassifier):
        raise DataError(
            f"A {classifier.model_type.label} cannot be fine-tuned; only boosted trees can."
        )
    learnt = rows_to_tune_on(model, table, reference)
    labels = learnt.labels
    strange = sorted(set(labels) - set(classifier.classes))
    if strange:
        raise DataError(
            f"The training file has objects labelled {', '.join(strange)}, but the published"
            f" model knows only {', '.join(classifier.classes)}."
        )
    (rows,) = learnt.tables
    steps = Progress({"Adding trees": 1, "Calibrating on held-out stars": 3}, progress)
    with steps.stage("Adding trees") as report:
        tuned = _continued(classifier, learnt, report)
    task = model.task.among(labels)
    known = model.knows(rows)

    def fit(new: LabelledRows, seed: int) -> Classifier:  # noqa: ARG001 - a Fit
        return _continued(classifier, LabelledRows.joined([new, learnt.take(known)]))

    with steps.stage("Calibrating on held-out stars") as report:
        out_of_fold = score_out_of_fold(
            fit,
            learnt.take(~known),
            task=task,
            inputs=model.inputs,
            run=RunContext(seed=seed, cores=cores, progress=report),
        )
    # Rows of one kind, or of few stars, cannot correct what the published rows taught.
    recalibrated = out_of_fold.calibration is not None and task.classes == model.task.classes
    out_of_fold = replace(
        out_of_fold if recalibrated else OutOfFold(), notes=_notes(known, recalibrated=recalibrated)
    )
    calibration = out_of_fold.calibration
    return FineTuned(
        model=replace(
            model,
            classifier=replace(tuned, calibration=calibration or classifier.calibration),
            # Sets of answers hold for rows like those that they were learnt from, and no others.
            conformal=out_of_fold.conformal,
            # Calibrated probabilities are at the frequencies of the rows that they were learnt on.
            frequencies=calibration.frequencies if calibration else model.frequencies,
            novelty=model.novelty.with_rows(learnt.features, learnt.columns),
            stars=model.stars | frozenset(rows.hosts),
        ),
        out_of_fold=out_of_fold,
        learned_from=learnt,
    )


def rows_to_tune_on(model: TrainedModel, table: Table, reference: Table | None) -> LabelledRows:
    """Return the rows of a user's table that a model goes on learning from.

    Parameters
    ----------
    model, table, reference
        As in `fine_tune`.

    Raises
    ------
    DataError
        When there is none.
    """
    # How few rows are too few is the caller's to say: of an upload a part is held out first.
    allowed = table.take(model.inputs.may_learn_from(table))
    rows = labelled_rows(allowed, find_task(model.task.name))
    if labels_of(rows).empty:
        wanted = ", ".join(kind.replace("_", " ") for kind in model.task.classes)
        raise DataError(
            "The training file has no row with a disposition that the published model tells"
            f" apart: {wanted}."
        )
    return LabelledRows.of(
        [rows], model.features(rows, reference=reference), model.columns(table.dataset)
    )


def continuation(model: TrainedModel) -> Fit:
    """Return what lets a published booster go on learning from rows, uncalibrated."""

    def fit(rows: LabelledRows, seed: int) -> Classifier:  # noqa: ARG001 - a Fit
        return _continued(model.classifier, rows)

    return fit


def figures_of_model(
    model: TrainedModel, table: Table, *, reference: Table | None, split: str, seed: int = 0
) -> Measurement | None:
    """Measure a model on a table's rows; None where none has a label of its task."""
    if not _is_measured(model, table):
        return None
    features = model.features(table, reference=reference)
    return _figures(model, table, features, split=split, seed=seed)


def compare_on_reference_test_set(
    published: TrainedModel,
    tuned: FineTuned,
    tested: Table,
    *,
    reference: Table | None,
    split: str,
    seed: int = 0,
) -> Forgetting | None:
    """Hold a fine-tuned model against the published one on the mission's own test rows.

    Parameters
    ----------
    published, tuned
        Before and after.
    tested
        The mission's test rows. Those of stars that either model was trained on are left out.
    reference
        The mission's whole catalogue.
    split
        Which rows `tested` are, in words.
    seed
        Of the intervals.

    Returns
    -------
    Forgetting or None
        With a warning where the ROC-AUC fell below the interval of what it was, or the log loss
        or the calibration error rose above it; None when no row is left.
    """
    rows = tested.take(~tuned.model.knows(tested) & published.inputs.may_learn_from(tested))
    if not _is_measured(published, rows):
        return None
    features = published.features(rows, reference=reference)
    before, after = (
        _figures(compared, rows, features, split=split, seed=seed)
        for compared in (published, tuned.model)
    )
    losses = (_lost(before.figure(name), after.figure(name)) for name in _REMEMBERED)
    lost = [sentence for sentence in losses if sentence]
    warning = (
        f"Fine-tuning made the model forget: on {split} its {', and its '.join(lost)}. Use it for"
        " objects like those of the training file only."
        if lost
        else None
    )
    return Forgetting(before=before, after=after, warning=warning)


def _is_measured(model: TrainedModel, table: Table) -> bool:
    labels = table.labels
    return labels is not None and bool(find_task(model.task.name).decided(labels).any())


def _figures(
    model: TrainedModel, table: Table, features: pd.DataFrame, *, split: str, seed: int
) -> Measurement:
    task = find_task(model.task.name)
    probabilities = task.probabilities(model.classifier.predict_proba(features))
    return measure(labels_of(table), probabilities, table.hosts, task=task, split=split, seed=seed)


def _notes(known: NDArray[np.bool_], *, recalibrated: bool) -> tuple[str, ...]:
    """Return what calibrating on the user's rows was worth, as sentences."""
    rows = int(known.sum())
    uncounted = (
        f"{rows} of the {len(known)} training rows belong to host stars that the published model"
        " was trained on, so that neither calibration nor cross-validation counts them."
    )
    lacking = (
        f"The training file has too few{' other' if rows else ''} stars of each disposition to"
        " calibrate on: the published model's calibration is used, and no sets of answers are"
        " given."
    )
    return (*((uncounted,) if rows else ()), *(() if recalibrated else (lacking,)))


def _lost(old: Figure, new: Figure) -> str | None:
    """Return how far a figure is worse than the interval of what it was, None where it is not."""
    if old.value is None or new.value is None:
        return None
    metric = METRICS[old.name]
    if metric.lower_is_better:
        worse, moved = new.value > (old.value if old.high is None else old.high), "rose"
    else:
        worse, moved = new.value < (old.value if old.low is None else old.low), "fell"
    title = metric.title if metric.title.startswith("ROC") else metric.title.lower()
    return f"{title} {moved} from {decimal(old.value)} to {decimal(new.value)}" if worse else None


def _continued(
    classifier: Classifier, rows: LabelledRows, progress: ProgressCallback = silent
) -> Classifier:
    target = np.array([classifier.classes.index(Disposition(label)) for label in rows.labels])
    # The estimator's own fit refuses a subset of its classes, which the booster itself can take.
    given = classifier.estimator.get_xgb_params()
    given["num_class"] = len(classifier.classes) if len(classifier.classes) > 2 else None
    booster = xgboost.train(
        {name: value for name, value in given.items() if value is not None},
        xgboost.DMatrix(classifier.prepare(rows.features), label=target, nthread=1),
        num_boost_round=ROUNDS,
        # As it would be saved: one in memory also carries on where its random numbers stopped.
        xgb_model=classifier.estimator.get_booster().save_raw("ubj"),
        callbacks=[RoundReport(ROUNDS, progress)],
    )
    estimator = classifier.model_type.recipe.build(classifier.hyperparameters, classifier.seed)
    estimator.load_model(booster.save_raw("ubj"))
    return replace(classifier, estimator=estimator, calibration=None)

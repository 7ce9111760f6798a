"""What is known of a model that was trained before, on the rows that it predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.api import ExplanationAPI
from mlcore.evaluation.report import Report, measure_rows
from mlcore.jobs.prediction_probes import (
    carried_row_split,
    probes_after_tuning,
    probes_of_published,
)
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.protocol import Protocol
from mlcore.progress import silent
from mlcore.tasks import find_task
from mlcore.training.evaluate import needed_by
from mlcore.training.fine_tune import compare_on_reference_test_set, figures_of_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.jobs.tables import JobTables
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions
    from mlcore.run import RunContext
    from mlcore.training.fine_tune import FineTuned

__all__ = ["report_of_prediction"]


def report_of_prediction(
    published: TrainedModel,
    tuned: FineTuned | None,
    tables: JobTables,
    predictions: Predictions,
    *,
    learned_from: Sequence[LabelledRows] = (),
    published_probes: Mapping[str, Any] | None = None,
    run: RunContext,
) -> Report:
    """Measure predictions, probe their score and ask what the model rests on.

    Parameters
    ----------
    published
        The model as it was published.
    tuned
        The same after fine-tuning; None where it was used as it is.
    tables
        What was predicted, and what it was fine-tuned on.
    predictions
        What the model that was used says of ``tables.testing``.
    learned_from
        The rows that it was trained on, as far as they are at hand.
    published_probes
        What the probes found when it was published, as
        `mlcore.evaluation.probes.ProbeReport.as_json` returned it.
    run
        Its seed is that of fits, permutations and intervals.
    """
    model = published if tuned is None else tuned.model
    task = find_task(model.task.name)
    testing, reference = tables.testing, tables.reference
    rows = LabelledRows.of([testing], predictions.features)
    words = model.inputs.marked(tables.tested_on)
    tested = measure_rows(
        rows,
        predictions.probabilities,
        task=task,
        split=words,
        references={} if reference is None else {testing.dataset.name: reference},
        run=run.reporting(silent),
    )
    run.progress(0.3, "what the model rests on")
    feature_importance = ExplanationAPI(run=run.reporting(silent)).importance(
        model, testing, predictions, split=words
    )
    run.progress(0.6, "probes")
    probes = None
    if tested.measurement is not None:
        probing = run.reporting(lambda done, step: run.progress(0.6 + 0.4 * done, step))
        if tuned is not None:
            probes = probes_after_tuning(published, tuned, rows, tested.measurement, run=probing)
        else:
            # A model of several missions was tested on the rows of all of them.
            same_rows = tables.tested_by is Protocol.FIXED_SPLIT and published.missions == (
                testing.dataset.name,
            )
            probes = probes_of_published(
                published,
                rows,
                tested.measurement,
                learned_from=learned_from,
                row_split=carried_row_split(published_probes) if same_rows else None,
                run=probing,
            )
    notes = [*(tuned.out_of_fold.notes if tuned else ())]
    forgetting = None
    if tuned is not None and (old := tables.reference_test_set) is not None:
        forgetting = compare_on_reference_test_set(
            published,
            tuned,
            old.testing,
            reference=old.catalogue,
            split=model.inputs.marked(old.split),
            seed=run.seed,
        )
    if tuned is not None and forgetting is None:
        why = (
            f"no table of {testing.dataset.title} is loaded on this server"
            if tables.reference_test_set is None
            else f"it knows every star of the test rows of {testing.dataset.title}"
        )
        notes.append(f"Whether fine-tuning made the model forget was not measured: {why}.")
    before = None
    if tuned is not None:
        before = figures_of_model(
            published, testing, reference=reference, split=words, seed=run.seed
        )
    return Report(
        task=task,
        protocol=tables.tested_by,
        split=words,
        mark=model.inputs.mark,
        tested=tested,
        feature_importance=feature_importance,
        columns=needed_by(model, testing),
        calibration=model.classifier.calibration,
        probes=probes,
        protocols=(tuned.out_of_fold.result,) if tuned and tuned.out_of_fold.result else (),
        before=before,
        reference_test_set=forgetting,
        notes=tuple(notes),
    )

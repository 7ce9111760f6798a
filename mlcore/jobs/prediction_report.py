"""What is known of a model that was trained before, on the rows that it predicted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.api import ExplanationAPI
from mlcore.calibration.calibrate import keeping
from mlcore.evaluation.probes import ROW_SPLIT, Probe, Refit, run_probes, with_row_split
from mlcore.evaluation.report import Report, measure_rows, slices_of_rows
from mlcore.evaluation.subsets import measure_subsets
from mlcore.metrics import Measurement
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.protocol import Protocol
from mlcore.progress import silent
from mlcore.tasks import find_task
from mlcore.training.evaluate import needed_by
from mlcore.training.fine_tune import compare_on_reference_test_set, continuation, figures_of_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.evaluation.measured_rows import MeasuredRows
    from mlcore.evaluation.probes import ProbeReport
    from mlcore.jobs.tables import JobTables
    from mlcore.models.trained_model import TrainedModel
    from mlcore.run import RunContext
    from mlcore.training.fine_tune import FineTuned

__all__ = ["refit_of_tuned", "report_of_prediction"]

_NOT_REFITTED = (
    "The published model is used as it is and not fitted anew on these rows; what a split by row"
    " claims for it stands on its card."
)


def report_of_prediction(
    published: TrainedModel,
    tuned: FineTuned | None,
    tables: JobTables,
    seen: MeasuredRows,
    *,
    learned_from: Sequence[LabelledRows] = (),
    published_probes: Mapping[str, Any] | None = None,
    evidence: bool = True,
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
    seen
        What the model that was used says of the predicted rows, or of those that stand for them.
    learned_from
        The rows that it was trained on, as far as they are at hand.
    published_probes
        What the probes found when it was published, as
        `mlcore.evaluation.probes.ProbeReport.as_json` returned it.
    evidence
        Whether what deepens a first answer is measured too.
    run
        Its seed is that of fits, permutations and intervals.
    """
    model = published if tuned is None else tuned.model
    task = find_task(model.task.name)
    rows, reference = seen.rows, tables.reference
    (testing,) = rows.tables
    words = model.inputs.marked(seen.words)
    tested = measure_rows(
        rows,
        seen.probabilities,
        task=task,
        split=words,
        run=run.reporting(silent),
    )
    if evidence:
        slices = slices_of_rows(
            rows,
            seen.probabilities,
            task=task,
            split=words,
            references={} if reference is None else {testing.dataset.name: reference},
            seed=run.seed,
        )
        tested = replace(tested, slices=slices)
    subsets = measure_subsets(
        rows,
        seen.probabilities,
        [table for part in learned_from for table in part.tables],
        learned_classes=model.task.classes,
        task=task,
        split=words,
        seed=run.seed,
    )
    run.progress(0.3, "what the model rests on")
    feature_importance = ExplanationAPI(run=run.reporting(silent)).importance(
        model,
        seen.explained.rows.tables[0],
        seen.explained,
        split=words + seen.explained.which,
        permuted=evidence,
    )
    run.progress(0.6, "probes")
    probes = None
    if tested.measurement is not None:
        probing = run.reporting(lambda done, step: run.progress(0.6 + 0.4 * done, step))
        if tuned is not None:
            probes = _probes_after_tuning(tuned, rows, tested.measurement, probing)
            if evidence:
                probes = with_row_split(
                    probes,
                    tuned.learned_from,
                    rows,
                    tested.measurement,
                    task=task,
                    refit=refit_of_tuned(published, tuned.model),
                    run=probing,
                )
        else:
            # A model of several missions was tested on the rows of all of them.
            same_rows = tables.tested_by is Protocol.FIXED_SPLIT and published.missions == (
                testing.dataset.name,
            )
            row_split = _row_split_of(published_probes) if same_rows else None
            probes = _probes_of_published(
                published, rows, tested.measurement, learned_from, row_split, probing
            )
    before = forgetting = None
    notes: list[str] = []
    if tuned is not None:
        notes += tuned.out_of_fold.notes
        unmeasured = f"no table of {testing.dataset.title} is loaded on this server"
        if (old := tables.reference_test_set) is not None:
            unmeasured = f"it knows every star of the test rows of {testing.dataset.title}"
            forgetting = compare_on_reference_test_set(
                published,
                tuned,
                old.testing,
                reference=old.catalogue,
                split=model.inputs.marked(old.split),
                seed=run.seed,
            )
        if forgetting is None:
            notes.append(
                f"Whether fine-tuning made the model forget was not measured: {unmeasured}."
            )
        before = figures_of_model(
            published, testing, reference=reference, split=words, seed=run.seed
        )
    cross_validated = tuned.out_of_fold.measure() if tuned else None
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
        protocols=(cross_validated,) if cross_validated else (),
        before=before,
        reference_test_set=forgetting,
        notes=tuple(notes),
        subsets=subsets,
    )


def _probes_of_published(
    published: TrainedModel,
    rows: LabelledRows,
    measured: Measurement,
    learned_from: Sequence[LabelledRows],
    row_split: Probe | None,
    run: RunContext,
) -> ProbeReport:
    """Run the probes on rows that a published model scored as it is."""
    task = find_task(published.task.name)
    if learned_from:
        training = LabelledRows.joined(learned_from)
        fitted_on = (
            f"The probes learnt from {len(training)} rows of the loaded table, whose stars"
            f" the published model was trained on; it learnt from {published.train_rows} rows."
        )
    else:
        training = rows.take(np.zeros(len(rows), dtype=bool))
        fitted_on = (
            "The rows that the published model was trained on are not at hand: no table of the"
            " mission is loaded that has them."
        )
    shares = dict(zip(published.task.classes, published.frequencies, strict=True))
    probes = run_probes(
        training,
        rows,
        measured,
        task=task,
        frequencies=[shares.get(kind, 0.0) for kind in task.classes],
        fitted_on=fitted_on,
        run=run,
    )
    # It is not fitted anew: what is told of a split by row costs nothing.
    refit = Refit(refusal=_NOT_REFITTED, known=row_split)
    return with_row_split(probes, training, rows, measured, task=task, refit=refit, run=run)


def _probes_after_tuning(
    tuned: FineTuned, rows: LabelledRows, measured: Measurement, run: RunContext
) -> ProbeReport:
    """Run the probes on rows that a fine-tuned model scored, within the user's own rows."""
    return run_probes(
        tuned.learned_from,
        rows,
        measured,
        task=find_task(tuned.model.task.name),
        fitted_on=f"The probes learnt from {len(tuned.learned_from)} rows of the training file, as"
        " the fine-tuning did; what the published model had learnt before takes no part.",
        run=run,
    )


def refit_of_tuned(published: TrainedModel, tuned: TrainedModel) -> Refit:
    """Return how a fine-tuning is done again for the comparison of a split by row.

    Parameters
    ----------
    published, tuned
        The model before and after.
    """
    fit, calibration = continuation(published), tuned.classifier.calibration
    if calibration is not None and calibration != published.classifier.calibration:
        fit = keeping(calibration, fit, task=tuned.task)
    return Refit(whose="the same fine-tuning", fit=fit, mark=published.inputs.mark)


def _row_split_of(probes: Mapping[str, Any] | None) -> Probe | None:
    """Return what a published model's own report says of a split by row; None where it does not."""
    for probe in probes["probes"] if probes else ():
        if probe["name"] == ROW_SPLIT and probe["measurement"] is not None:
            return Probe(
                name=ROW_SPLIT,
                title=probe["title"],
                meaning=f"{probe['meaning']} Measured when the model was published.",
                measurement=Measurement.from_json(probe["measurement"]),
            )
    return None

"""Probes beside the score of a model that was trained before, on what it learnt if at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.calibration.calibrate import keeping
from mlcore.evaluation.probes import ROW_SPLIT, Probe, Refit, run_probes
from mlcore.metrics import Measurement
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import find_task
from mlcore.training.fine_tune import continuation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.evaluation.probes import ProbeReport
    from mlcore.models.trained_model import TrainedModel
    from mlcore.run import RunContext
    from mlcore.training.fine_tune import FineTuned

__all__ = ["carried_row_split", "probes_after_tuning", "probes_of_published"]

_NOT_REFITTED = (
    "The published model is used as it is and not fitted anew on these rows; what a split by row"
    " claims for it stands on its card."
)


def probes_of_published(
    published: TrainedModel,
    rows: LabelledRows,
    measured: Measurement,
    *,
    learned_from: Sequence[LabelledRows],
    row_split: Probe | None = None,
    run: RunContext,
) -> ProbeReport:
    """Run the probes on rows that a published model scored.

    Parameters
    ----------
    published
        The model, used as it is.
    rows, measured
        The scored rows, and the model's figures on them.
    learned_from
        The rows that it was trained on, as far as they are at hand.
    row_split
        What was found when the model was published, where these are the same rows.
    run
        See `mlcore.evaluation.probes.run_probes`.
    """
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
    return run_probes(
        training,
        rows,
        measured,
        task=task,
        refit=Refit(refusal=_NOT_REFITTED, known=row_split),
        frequencies=[shares.get(kind, 0.0) for kind in task.classes],
        fitted_on=fitted_on,
        run=run,
    )


def probes_after_tuning(
    published: TrainedModel,
    tuned: FineTuned,
    rows: LabelledRows,
    measured: Measurement,
    *,
    run: RunContext,
) -> ProbeReport:
    """Run the probes on rows that a fine-tuned model scored, within the user's own rows.

    Parameters
    ----------
    published, tuned
        Before and after.
    rows, measured, run
        As in `probes_of_published`.
    """
    learned = tuned.learned_from
    fit, calibration = continuation(published), tuned.out_of_fold.calibration
    if calibration is not None:
        fit = keeping(calibration, fit, task=tuned.model.task)
    return run_probes(
        learned,
        rows,
        measured,
        task=find_task(published.task.name),
        refit=Refit(whose="the same fine-tuning", fit=fit, mark=published.inputs.mark),
        fitted_on=f"The probes learnt from the {len(learned)} rows of the training file, as"
        " the fine-tuning did; what the published model had learnt before takes no part.",
        run=run,
    )


def carried_row_split(probes: Mapping[str, Any] | None) -> Probe | None:
    """Return what a published model's own report says of a split by row; None where it does not.

    Parameters
    ----------
    probes
        What `ProbeReport.as_json` returned when the model was published.
    """
    for probe in (probes or {"probes": []})["probes"]:
        if probe["name"] == ROW_SPLIT and probe["measurement"] is not None:
            return Probe(
                name=ROW_SPLIT,
                title=probe["title"],
                meaning=f"{probe['meaning']} Measured when the model was published.",
                measurement=Measurement.from_json(probe["measurement"]),
            )
    return None

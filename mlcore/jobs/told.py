"""What a job tells of what it found, as JSON values and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.datasets.checking import LACKS
from mlcore.evaluation.report import summary
from mlcore.jobs.read_first import Outline, read_first
from mlcore.model_selection.train_test import left_out, shared_stars
from mlcore.persistence.artifact import library_versions
from mlcore.prediction.in_sample import seen_in_training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.table import Table
    from mlcore.evaluation.model_result import ModelResult
    from mlcore.evaluation.report import Report
    from mlcore.models.spec import OutputScale
    from mlcore.models.trained_model import TrainedModel

__all__ = ["files_sent", "job_result", "noticed_in", "told_of", "warnings_of", "withheld_of"]


def job_result(
    result: ModelResult,
    *,
    noticed: Sequence[str] = (),
    withheld: Sequence[str] = (),
    apart: Sequence[str] = (),
    **facts: Any,
) -> dict[str, Any]:
    """Return what a job found as JSON values.

    Parameters
    ----------
    result
        What was trained or predicted.
    noticed
        What was noticed in the files.
    withheld
        What no model is shown of them, which changes nothing for whoever reads the result.
    apart
        Warnings of the result that say nothing of its rows and columns.
    **facts
        What else there is to say of the model.

    Returns
    -------
    dict
        ``metrics``: the main figures, see `mlcore.evaluation.report.summary`, None when no row has
        a true label. ``metrics_before``: the same before fine-tuning, None when nothing was
        fine-tuned. ``report``: see `mlcore.evaluation.report.Report.as_json`, with what has to be
        known before it is read, see `mlcore.jobs.read_first`. ``model``: what it is. ``warnings``:
        sentences, those first.
    """
    predictions = result.predictions
    return told_of(
        result.model,
        result.report,
        result.warnings,
        Outline.of(predictions.scored, predictions.about),
        scale=predictions.explanation.scale,
        noticed=noticed,
        withheld=withheld,
        apart=apart,
        **facts,
    )


def told_of(
    model: TrainedModel,
    report: Report,
    warnings: Sequence[str],
    outline: Outline,
    *,
    scale: OutputScale,
    noticed: Sequence[str],
    withheld: Sequence[str],
    apart: Sequence[str],
    **facts: Any,
) -> dict[str, Any]:
    """Return what `job_result` returns, from what is said of the rows as a whole."""
    first = read_first(model, report, warnings, outline, noticed, apart=apart)
    return {
        "metrics": summary(report.measurement),
        "metrics_before": summary(report.before),
        "report": report.as_json() | {"read_first": first},
        "model": _model_facts(model, outline.rows, scale) | facts,
        "warnings": list(dict.fromkeys([*first, *withheld, *warnings])),
    }


def _model_facts(model: TrainedModel, rows: int, scale: OutputScale) -> dict[str, Any]:
    classifier = model.classifier
    return {
        "model_type": classifier.model_type.name,
        "hyperparameters": dict(classifier.hyperparameters),
        "task": model.task.name,
        "feature_set": str(model.inputs.feature_set),
        "label_derived": list(model.inputs.label_derived),
        "left_out": list(model.inputs.left_out),
        "missions": list(model.missions),
        "columns": list(classifier.columns),
        "classes": [str(kind) for kind in classifier.classes],
        "frequencies": dict(zip(map(str, model.task.classes), model.frequencies, strict=True)),
        "train_rows": model.train_rows,
        "test_rows": rows,
        "seed": classifier.seed,
        "explained_output": str(scale),
        "explained_output_meaning": scale.meaning,
        "versions": library_versions(),
    }


def files_sent(
    training: Table | None, testing: Table | None, *, uploaded: bool
) -> list[tuple[str, Table]]:
    """Return the tables that a user sent, each with what its file is called."""
    named = [("training", training), ("testing", testing)]
    return [(name, table) for name, table in named if uploaded and table is not None]


def noticed_in(files: Sequence[tuple[str, Table]]) -> list[str]:
    """Return what reading files showed, each sentence with the file that it is about."""
    sentences = []
    for name, table in files:
        sentences += [
            f"In the {name} file: {sentence}"
            for sentence in table.warnings
            # What the rows to predict lack is told with the model that answers.
            if name == "training" or not sentence.startswith(LACKS)
        ]
        if table.ignored_columns:
            shown = ", ".join(table.ignored_columns[:20])
            sentences.append(f"In the {name} file these unknown columns were ignored: {shown}.")
    return list(dict.fromkeys(sentences))


def withheld_of(files: Sequence[tuple[str, Table]]) -> list[str]:
    """Return which columns of files no model is shown, a sentence a file."""
    return [
        f"In the {name} file these columns were not shown to the model, because they state or"
        f" follow the disposition: {', '.join(table.withheld_columns)}."
        for name, table in files
        if table.withheld_columns
    ]


def warnings_of(
    published: TrainedModel, training: Table | None, testing: Table, report: Report
) -> list[str]:
    """Return what the user should know of a prediction, as sentences."""
    warnings = [
        *(report.probes.warnings if report.probes else ()),
        *seen_in_training(testing, published),
    ]
    if training is not None:
        kept = published.inputs.may_learn_from(training)
        warnings += left_out(training, kept, "training")
        warnings += shared_stars(training, testing)
    forgetting = report.reference_test_set
    if forgetting is not None and forgetting.warning is not None:
        warnings.append(forgetting.warning)
    return warnings

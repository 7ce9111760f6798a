"""A model card: what a published model was trained on, how it was tested, what it is for.

After Mitchell et al. (2019), "Model Cards for Model Reporting". Every figure names its rows, its
split and its interval, and what the probes found stands beside the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.metrics import METRICS, measure
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.training_rows import labelled_rows
from mlcore.persistence.manifest import FORMAT
from mlcore.pretrained.registry import CHOSEN
from mlcore.references import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets import Table
    from mlcore.evaluation.model_result import ModelResult
    from mlcore.metrics import Measurement
    from mlcore.pretrained.registry import PublishedModel
    from mlcore.pretrained.sources import Source
    from mlcore.tasks import Task

__all__ = ["make_card"]


def make_card(
    model: PublishedModel,
    sources: Mapping[str, Source],
    result: ModelResult,
    facts: Mapping[str, Any],
    files: Mapping[str, str],
) -> dict[str, Any]:
    """Return a published model's card as JSON values.

    Parameters
    ----------
    model
        Its declaration.
    sources
        The table of each of its missions.
    result
        What training found, on the test rows of these tables in their order.
    facts
        What the fitted model is, as `mlcore.jobs.told.job_result` says it.
    files
        SHA-256 of each of the artifact's files.
    """
    report = result.report.as_json()
    task = model.task
    return {
        "name": model.name,
        "title": model.title,
        "task": {
            "name": task.name,
            "title": task.title,
            "question": task.question,
            "classes": [str(kind) for kind in task.classes],
        },
        "missions": list(model.missions),
        "feature_set": {"name": str(model.feature_set), "meaning": model.feature_set.meaning},
        "columns": list(facts["columns"]),
        "headline": {
            "title": METRICS[model.headline].title,
            **result.metrics.figure(model.headline).as_json(),
        },
        "intended_use": model.intended_use,
        "limits": list(model.limits),
        "data": [_data(source, task) for source in sources.values()],
        "attribution": ACKNOWLEDGEMENT,
        "protocol": {
            "training": "The labelled rows of the host stars outside the fixed test split.",
            str(Protocol.FIXED_SPLIT): report["split"],
            str(Protocol.CROSS_VALIDATED): [protocol["split"] for protocol in report["protocols"]],
            "calibration": report["calibration"],
            "hyperparameters": CHOSEN,
        },
        "model": {
            name: facts[name] for name in ("model_type", "hyperparameters", "seed", "train_rows")
        },
        "figures": [
            {"rows_of": str(Protocol.FIXED_SPLIT), **report["measurement"]},
            *({"rows_of": protocol["protocol"], **protocol} for protocol in report["protocols"]),
            *(
                {
                    "rows_of": f"{Protocol.FIXED_SPLIT} of {mission}",
                    "mission": mission,
                    **measurement.as_json(),
                }
                for mission, measurement in _by_mission(model, sources, result).items()
            ),
        ],
        "metrics": {
            name: {"title": metric.title, "meaning": metric.meaning}
            for name, metric in METRICS.items()
        },
        "probes": report["probes"],
        "warnings": list(result.warnings),
        "notes": report["notes"],
        "versions": facts["versions"],
        "artifact": {"format": FORMAT, "sha256": dict(files)},
    }


def _data(source: Source, task: Task) -> dict[str, Any]:
    table = source.table
    return {
        "mission": table.dataset.name,
        "title": table.dataset.title,
        "archive_table": table.dataset.archive_table,
        "source": source.description,
        "dated": None if source.dated is None else source.dated.isoformat(),
        "sha256": source.sha256,
        "rows": len(table),
        "usable_rows": len(table) if source.usable is None else int(source.usable.sum()),
        "trained_on": _counted(source.training, task),
        "tested_on": _counted(source.testing, task),
    }


def _counted(table: Table, task: Task) -> dict[str, Any]:
    rows = labelled_rows(table, task)
    counts = rows.label_counts
    return {
        "rows": len(rows),
        "stars": int(rows.hosts.nunique()),
        "labels": {str(kind): counts[kind] for kind in task.classes},
    }


def _by_mission(
    model: PublishedModel, sources: Mapping[str, Source], result: ModelResult
) -> dict[str, Measurement]:
    """Return the figures on each mission's own test rows, where there are several missions."""
    if len(sources) == 1:
        return {}
    predictions, begin = result.predictions, 0
    measurements = {}
    for mission, source in sources.items():
        end = begin + len(source.testing)
        measurements[mission] = measure(
            predictions.actual[begin:end],
            model.task.probabilities(predictions.probabilities[begin:end]),
            predictions.hosts[begin:end],
            task=model.task,
            split=f"{result.report.split}; {mission} alone",
            seed=model.seed,
        )
        begin = end
    return measurements

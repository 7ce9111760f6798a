"""Models for tables that lack columns, kept for everybody who lacks the same ones."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS, read_table
from mlcore.datasets.snapshot import fixed_test_rows, read_snapshot
from mlcore.errors import ArtifactError, DataError
from mlcore.evaluation.fewer_columns import FewerColumns
from mlcore.jobs.means import computed_by
from mlcore.jobs.messages import ARTIFACT, TrainingJob
from mlcore.jobs.tables import tables_to_train
from mlcore.model_selection.train_test import FIXED_SPLIT
from mlcore.model_selection.training_rows import labels_of
from mlcore.persistence.artifact import library_versions, load_artifact, save_artifact
from mlcore.persistence.manifest import MANIFEST, read_json, write_json
from mlcore.training.common_columns import absent_columns
from mlcore.training.refit_without import RefitRows, refit_without, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.computed import Computed
    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import PredictionJob
    from mlcore.models.trained_model import TrainedModel
    from mlcore.run import RunContext

__all__ = ["kept_refit", "model_for"]

_FEWER = "fewer_columns.json"
_TRAINING_ROWS = "the training rows of {}"


def model_for(
    model: TrainedModel, tables: Sequence[Table], job: PredictionJob, run: RunContext
) -> tuple[TrainedModel, FewerColumns | None]:
    """Return the model that answers for tables: the saved one where they have all its columns.

    Parameters
    ----------
    model
        What the job's artifact holds.
    tables
        The rows to predict and those to fine-tune on.
    job
        Says where the rows are that the model was trained on, and where such models are kept.
    run
        Reports the fit, where one is needed.

    Returns
    -------
    model : TrainedModel
    fewer : FewerColumns or None
        None where the tables have all columns.

    Raises
    ------
    DataError
        When a model of the columns at hand cannot be fitted, or was not wished for.
    """
    lacking = unreadable(model, tables)
    if not lacking:
        return model, None
    _refuse_unless_wished(job, lacking)
    kept = None if job.refits is None else Path(job.refits) / _key(job, lacking)
    if kept is not None and (found := _kept(kept)) is not None:
        return found
    refit, fewer = refit_without(model, lacking, _sources(job, model), run)
    if kept is not None:
        _keep(refit, fewer, kept)
    return refit, fewer


def kept_refit(
    model: TrainedModel, tables: Sequence[Table], job: PredictionJob
) -> tuple[Path | None, FewerColumns | None]:
    """Return where the model lies that answers for tables, without fitting any.

    Parameters
    ----------
    model, tables, job
        As in `model_for`.

    Returns
    -------
    artifact : Path or None
        Folder of the saved model, or of one that was fitted for such tables; None where one has to
        be fitted first, which `model_for` does.
    fewer : FewerColumns or None
        None where the tables have all columns.

    Raises
    ------
    DataError
        When the tables lack columns and another model was not wished for.
    """
    lacking = unreadable(model, tables)
    if not lacking:
        return Path(job.artifact), None
    _refuse_unless_wished(job, lacking)
    kept = None if job.refits is None else Path(job.refits) / _key(job, lacking)
    try:
        if kept is not None:
            fewer = FewerColumns.from_json(read_json(kept / _FEWER))
            # What is used stays.
            os.utime(kept)
            return kept / ARTIFACT, fewer
    except (OSError, ValueError, KeyError):
        pass
    return None, None


def _refuse_unless_wished(job: PredictionJob, lacking: Mapping[str, Any]) -> None:
    if job.refit is None:
        names = ", ".join(absent_columns(lacking))
        raise DataError(f"The table lacks {names}, which the model was trained on.")


def _key(job: PredictionJob, lacking: Mapping[str, Any]) -> str:
    """Return a name that no other model has: of the saved model, its rows, and what is lacking."""
    facts = {
        "model": hashlib.sha256((Path(job.artifact) / MANIFEST).read_bytes()).hexdigest(),
        "left_out": sorted(lacking),
        "lacking": sorted(absent_columns(lacking)),
        "rows": job.refit,
        "mission": job.dataset,
        "versions": library_versions(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _kept(folder: Path) -> tuple[TrainedModel, FewerColumns] | None:
    try:
        found = (
            load_artifact(folder / ARTIFACT),
            FewerColumns.from_json(read_json(folder / _FEWER)),
        )
        # What is used stays.
        os.utime(folder)
    except (ArtifactError, OSError, ValueError, KeyError):
        return None
    return found


def _keep(model: TrainedModel, fewer: FewerColumns, folder: Path) -> None:
    """Put a model where others find it, whole or not at all."""
    unfinished = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}")
    save_artifact(model, unfinished / ARTIFACT)
    write_json(unfinished / _FEWER, fewer.as_json())
    try:
        unfinished.replace(folder)
    except OSError:
        # Another session has fitted the same one meanwhile: the same bits.
        return


def _sources(job: PredictionJob, model: TrainedModel) -> list[RefitRows]:
    if job.refit is not None and "training_job" in job.refit:
        return [_of_session(TrainingJob(**job.refit["training_job"]))]
    snapshots = {job.dataset: job.reference} | (job.refit or {}).get("snapshots", {})
    # The mission that was asked about first: what is lost is told of its rows.
    missions = sorted(model.missions, key=lambda mission: mission != job.dataset)
    computed = computed_by(job.means)
    return [_of_mission(mission, snapshots.get(mission), computed) for mission in missions]


def _of_session(job: TrainingJob) -> RefitRows:
    tables = tables_to_train(job)
    assert tables.training is not None  # noqa: S101 - a job that trains has what to learn from
    labelled = tables.testing.labels is not None
    catalogue = tables.reference or tables.training.with_rows_of(tables.testing)
    return RefitRows(
        training=tables.training,
        testing=tables.testing if labelled else None,
        catalogue=catalogue,
        words="the rows that the model itself was trained on",
        split=tables.tested_on,
    )


def _of_mission(mission: str, snapshot: str | None, computed: Computed) -> RefitRows:
    dataset = DATASETS[mission]
    if snapshot is not None:
        training, testing = read_snapshot(Path(snapshot), dataset, computed=computed)
        return RefitRows(
            training=training,
            testing=testing,
            catalogue=training.with_rows_of(testing),
            words=_TRAINING_ROWS.format(f"the loaded table of {dataset.title}"),
            split=FIXED_SPLIT,
        )
    if dataset.carried is None:
        raise DataError(f"No table of {dataset.title} is loaded to fit the model anew on.")
    whole = read_table(dataset.carried.path, dataset, require_labels=True)
    tested = fixed_test_rows(whole)
    return RefitRows(
        training=whole.take(labels_of(whole).notna().to_numpy() & ~tested),
        testing=whole.take(tested),
        catalogue=whole,
        words=_TRAINING_ROWS.format(f"the {dataset.carried.title}, which the project carries"),
        split=f"{FIXED_SPLIT}; of the {dataset.carried.title}, which the project carries",
    )

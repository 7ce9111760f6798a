"""Light curves in place of a table: they are measured once, and their signals are the rows.

Whoever reads a job's rows again, such as an analysis, reads what the session's own job measured.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.jobs.catalogues import catalogues_of
from mlcore.jobs.messages import RESULTS
from mlcore.lightcurves.bundles.bundle import bundle_in, holds_light_curves
from mlcore.lightcurves.bundles.measuring import looked_up_in, measure_bundle, notes_of
from mlcore.lightcurves.bundles.objects import keep_objects
from mlcore.lightcurves.bundles.parts import parts_in
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.record_files import SIGNALS
from mlcore.parallel import ONE_CORE
from mlcore.progress import silent

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.lightcurves.bundles.parts import Parts
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = [
    "PURPOSES",
    "catalogues_said",
    "curves_sent",
    "is_measured",
    "keep_records",
    "measure_curves",
    "notes_of_curves",
    "rows_of",
]

PURPOSES = ("training", "testing")
"""What a job's files are for."""
_RECORDS = "curves"
"""Folder, in the job's own, with the records of all that was measured, by purpose."""


def curves_sent(job: TrainingJob | PredictionJob) -> tuple[str, ...]:
    """Return for which purposes a job has light curves that are not measured yet."""
    if job.dataset != LIGHT_CURVES.name:
        return ()
    return tuple(
        purpose
        for purpose in PURPOSES
        if (file := _file(job, purpose)) is not None
        and _measured(job, purpose) is None
        and holds_light_curves(Path(file))
    )


def measure_curves(
    job: TrainingJob | PredictionJob,
    *,
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
) -> None:
    """Measure the light curves that a job was sent, and leave their rows in its results.

    What is drawn of them is kept when it is known which rows are predicted: see `keep_records`. An
    attempt after one that was killed measures only the stars that were not done.

    Raises
    ------
    DataError
        When none of a file's light curves can be used.
    """
    purposes = curves_sent(job)
    if not purposes:
        return
    parts, catalogues = _parts(job), catalogues_of(job)
    for place, purpose in enumerate(purposes):
        file = Path(_file(job, purpose) or "")
        bundle = bundle_in(file, job.names.get(purpose, file.name))
        table = Path(job.folder) / RESULTS / _name(purpose)
        records = Path(job.folder) / _RECORDS / purpose
        for folder in (table.parent, records):
            folder.mkdir(parents=True, exist_ok=True)

        def told(done: float, step: str, *, place: int = place) -> None:
            progress((place + done) / len(purposes), step)

        measure_bundle(
            bundle,
            table,
            records,
            known=[KnownSignal(**known) for known in job.known_signals],
            catalogues=catalogues,
            parts=parts,
            cores=cores,
            progress=told,
        )


def keep_records(job: TrainingJob | PredictionJob, testing: Table) -> None:
    """Leave what is drawn of the signals that a job predicts in its results.

    They are looked at one by one; of those that it learns from the rows are enough. There is
    nothing to keep where it measured no light curves.

    Parameters
    ----------
    job
        One whose light curves were measured just now.
    testing
        The rows that it predicts, in the order of its objects.
    """
    measured = Path(job.folder) / _RECORDS
    predicted = measured / _predicted(job)
    if (predicted / SIGNALS).is_file():
        keep_objects(predicted, testing.row_numbers.tolist(), Path(job.folder) / RESULTS)
    shutil.rmtree(measured, ignore_errors=True)


def rows_of(job: TrainingJob | PredictionJob, purpose: str) -> Path:
    """Return the table with a job's rows for a purpose: its file, or what was measured in it."""
    measured = _measured(job, purpose)
    return Path(_file(job, purpose) or "") if measured is None else measured


def is_measured(job: TrainingJob | PredictionJob, purpose: str) -> bool:
    """Tell whether a job's rows for a purpose were measured, and not sent as a table."""
    return _measured(job, purpose) is not None


def notes_of_curves(job: TrainingJob | PredictionJob, purpose: str) -> tuple[str, ...]:
    """Return what measuring a job's light curves noticed, as sentences."""
    measured = _measured(job, purpose)
    return () if measured is None else notes_of(measured)


def catalogues_said(job: TrainingJob | PredictionJob) -> tuple[str, ...]:
    """Return which catalogues a job's signals were looked up in, as a sentence at most."""
    measured = (_measured(job, purpose) for purpose in PURPOSES)
    said = (looked_up_in(path) for path in measured if path is not None)
    return tuple(dict.fromkeys(sentence for sentence in said if sentence))


def _parts(job: TrainingJob | PredictionJob) -> Parts | None:
    if job.measuring is None:
        return None
    try:
        return parts_in(Path(job.measuring))
    except OSError:
        # No room: it is measured all the same.
        return None


def _predicted(job: TrainingJob | PredictionJob) -> str:
    return "training" if job.testing_file is None else "testing"


def _measured(job: TrainingJob | PredictionJob, purpose: str) -> Path | None:
    if job.dataset != LIGHT_CURVES.name:
        return None
    folders = [Path(job.folder) / RESULTS, *([Path(job.measured)] if job.measured else [])]
    found = (folder / _name(purpose) for folder in folders)
    return next((path for path in found if path.is_file()), None)


def _name(purpose: str) -> str:
    return f"{purpose}-signals.parquet"


def _file(job: TrainingJob | PredictionJob, purpose: str) -> str | None:
    return job.training_file if purpose == "training" else job.testing_file

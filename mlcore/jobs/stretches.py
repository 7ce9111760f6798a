"""Which part of a signal's curve speaks: what a model says of it with each stretch replaced.

The tests were measured again when the light curve was: here the model is asked of their values.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.jobs.messages import RESULTS
from mlcore.lightcurves.record_files import SIGNALS, RecordFile, RecordWriter
from mlcore.lightcurves.records import SignalRecord
from mlcore.lightcurves.stretch_records import STRETCHES_SAID, StretchRecord
from mlcore.models.blocks import steady_probabilities
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.jobs.tables import JobTables
    from mlcore.models.trained_model import TrainedModel

__all__ = ["say_stretches"]

_AT_ONCE = 256
"""Signals whose replaced values are held at the same time."""


def say_stretches(model: TrainedModel, tables: JobTables, job: TrainingJob | PredictionJob) -> None:
    """Leave what a model says of each signal's stretches in a job's results, where it has any.

    There is nothing to say where the signals were not measured by the session, or where they are
    too many to be explained at once.
    """
    folder = _records_of(job)
    if folder is None or tables.large:
        return
    testing = tables.testing
    signals = RecordFile(folder / SIGNALS, SignalRecord)
    if not any(signal.stretch_name for signal in signals.without_lists()):
        return
    features = model.features(testing, reference=tables.reference)
    with RecordWriter(Path(job.folder) / RESULTS / STRETCHES_SAID, StretchRecord) as writer:
        for begin in range(0, len(testing), _AT_ONCE):
            end = min(begin + _AT_ONCE, len(testing))
            part = list(signals.taken(range(begin + 1, end + 1)))
            places, rows = _with_replaced(testing, part, begin)
            drawn = model.features_drawn(rows, features.iloc[places].reset_index(drop=True))
            of_all = steady_probabilities(model.classifier, drawn)
            planet = model.task.classes.index(PLANET)
            said = model.task.probabilities(of_all)[:, planet].tolist()
            at = 0
            for place, signal in enumerate(part, start=begin):
                names = signal.stretch_name
                own, *others = said[at : at + 1 + len(names)]
                at += 1 + len(names)
                writer.write(
                    [
                        StretchRecord(
                            number=place + 1, probability=own, names=names, probabilities=others
                        )
                    ]
                )


def _records_of(job: TrainingJob | PredictionJob) -> Path | None:
    """Return the folder with the records of the light curves that a job predicts."""
    if job.dataset != LIGHT_CURVES.name:
        return None
    folders = [Path(job.folder) / RESULTS, *([Path(job.measured)] if job.measured else [])]
    return next((folder for folder in folders if (folder / SIGNALS).is_file()), None)


def _with_replaced(
    testing: Table, signals: list[SignalRecord], begin: int
) -> tuple[NDArray[np.int64], Table]:
    """Return each signal as it is and behind it with each stretch replaced, and whose row it is."""
    counts = [1 + len(signal.stretch_name) for signal in signals]
    places = np.repeat(np.arange(begin, begin + len(signals)), counts)
    rows = testing.take(places)
    frame = rows.frame.copy()
    at = 0
    for signal, count in zip(signals, counts, strict=True):
        if count > 1:
            values = np.array(signal.remeasured, dtype=np.float64).reshape(count - 1, -1)
            for name, column in zip(signal.measured, values.T, strict=True):
                if name in frame:
                    frame.loc[at + 1 : at + count - 1, name] = column
        at += count
    return places, replace(rows, frame=frame)

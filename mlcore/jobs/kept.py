"""What a process that stays has read: models, tables and objects, those that were used last."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mlcore.analyses.at_hand import ObjectAtHand
from mlcore.datasets import DATASETS, read_table
from mlcore.datasets.name_keys import object_key
from mlcore.datasets.possible_values import FieldError
from mlcore.errors import ArtifactError, DataError
from mlcore.features.surroundings import Around, Surroundings, surroundings_of
from mlcore.inspection.shap.explain import trees_kept
from mlcore.jobs.learnt_places import places_learnt
from mlcore.jobs.means import computed_by
from mlcore.jobs.messages import LEARNT, PREDICTIONS, ROWS, PredictionJob, TrainingJob
from mlcore.jobs.tables import tables_to_predict, tables_to_train, whole_table
from mlcore.persistence.artifact import load_artifact
from mlcore.persistence.manifest import MANIFEST
from mlcore.prediction.stored import StoredPredictions
from mlcore.prediction.stored_rows import stored_rows
from mlcore.prediction.verdict import transit_measured

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from mlcore.datasets.table import Table
    from mlcore.inspection.nearest_neighbours import LearntPlaces
    from mlcore.inspection.shap.explain import TreesOf
    from mlcore.jobs.messages import ObjectJob
    from mlcore.jobs.tables import JobTables
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.stored import ObjectPrediction

__all__ = ["KeptObjects"]

_Kind = TypeVar("_Kind")

_MODELS = 6
_TABLES = 6
_OBJECTS = 24


class _Last(Generic[_Kind]):
    """What was used last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, _Kind] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _Kind]) -> _Kind:
        """Return what is kept by a key, made where it is not."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def clear(self) -> None:
        """Keep nothing."""
        self._kept.clear()


class _Rows:
    """The rows among which an object is, with what surrounds all of them."""

    def __init__(self, table: Table, reference: Table | None) -> None:
        self.table, self._reference = table, reference
        self.measured = transit_measured(table)
        self._everything: Surroundings | None = None
        self._places: dict[str, int] | None = None

    def around(self, place: int) -> Around:
        """Return a row within everything that surrounds it."""
        if self._everything is None:
            self._everything = surroundings_of(self.table, self._reference)
        return Around(everything=self._everything, begin=place, end=place + 1)

    def place_of(self, name: str) -> int:
        """Return the position of the object of a name in any spelling."""
        if self._places is None:
            self._places = {}
            for place, each in enumerate(self.table.names):
                # Of an object that is listed twice the first entry.
                self._places.setdefault(object_key(each, self.table.dataset), place)
        key = object_key(name, self.table.dataset)
        if key not in self._places:
            raise FieldError(
                f"object: the table of {self.table.dataset.title} has no {name[:60]}.",
                field="object",
            )
        return self._places[key]


class KeptObjects:
    """Models by their folders and what is in them, and objects of sessions and catalogues."""

    def __init__(self) -> None:
        self._models: _Last[TrainedModel] = _Last(_MODELS)
        self._trees: _Last[TreesOf] = _Last(_MODELS)
        self._tables: _Last[Any] = _Last(_TABLES)
        self._objects: _Last[ObjectAtHand] = _Last(_OBJECTS)

    def clear(self) -> None:
        """Keep nothing."""
        for kept in (self._models, self._trees, self._tables, self._objects):
            kept.clear()

    def model(self, artifact: str) -> TrainedModel:
        """Return a saved model; see `mlcore.persistence.artifact.load_artifact`."""
        return self._models.get(_digest(artifact), lambda: load_artifact(Path(artifact)))

    def _trees_of(self, artifact: str) -> TreesOf:
        """Return what reads the trees of a saved model once."""
        return self._trees.get(_digest(artifact), trees_kept)

    def catalogue(self, snapshot: str | None, mission: str, means: dict[str, Any]) -> Table | None:
        """Return all rows of a mission's snapshot; None where there is none."""
        table: Table | None = self._tables.get(
            ("catalogue", snapshot, mission),
            lambda: whole_table(snapshot, mission, computed=computed_by(means)),
        )
        return table

    def places(self, artifact: str, order: PredictionJob) -> LearntPlaces | None:
        """Return where a model's training rows lie; see `mlcore.jobs.learnt_places`."""
        places: LearntPlaces | None = self._tables.get(
            ("places", _digest(artifact), order.dataset, order.reference),
            lambda: places_learnt(
                self.model(artifact),
                order.dataset,
                artifact=Path(artifact),
                left=Path(artifact) / LEARNT,
                catalogue=order.reference,
                computed=computed_by(order.means),
            ),
        )
        return places

    def object_of(self, job: ObjectJob) -> ObjectAtHand:
        """Return the object that a request is about.

        Raises
        ------
        ArtifactError
            When the model is missing or damaged.
        FieldError
            When there is no such object.
        DataError
            When the rows cannot be read any more.
        """
        key = (_digest(job.artifact), _told(job), job.number, job.name)
        return self._objects.get(
            key, lambda: replace(self._object_of(job), trees_of=self._trees_of(job.artifact))
        )

    def _object_of(self, job: ObjectJob) -> ObjectAtHand:
        model = self.model(job.artifact)
        model.check_serves(DATASETS[job.mission])
        if job.results is None:
            rows = self._tables.get(("listed", _told(job)), lambda: _listed(job))
            return _at(rows, rows.place_of(job.name), model, None)
        stored, said = _said_of(job)
        kept = Path(job.results) / Path(ROWS).name
        if kept.is_file():
            return _stored(kept, said, model, measured=stored.about["measured"])
        rows = self._tables.get(("rows", _told(job)), lambda: self._rows_of(job))
        place = said.number - 1
        names = rows.table.names
        if place >= len(names) or names.iloc[place] != said.name:
            raise DataError(
                f"The session's rows have changed: object {said.number} is not {said.name} any"
                " more."
            )
        return _at(rows, place, model, said.number)

    def _rows_of(self, job: ObjectJob) -> _Rows:
        """Read a session's rows again, as its own job read them."""
        try:
            tables = self._tables_of(job)
        except OSError:
            raise DataError("The session's rows are no longer on this server.") from None
        return _Rows(tables.testing, tables.reference)

    def _tables_of(self, job: ObjectJob) -> JobTables:
        if job.prediction is not None:
            order = PredictionJob(**job.prediction)
            return tables_to_predict(order, self.model(order.artifact))
        if job.training is not None:
            return tables_to_train(TrainingJob(**job.training))
        raise DataError("It is not known which rows the session was about.")


def _at(rows: _Rows, place: int, model: TrainedModel, number: int | None) -> ObjectAtHand:
    table = rows.table
    return ObjectAtHand(
        model=model,
        number=number,
        name=str(table.names.iloc[place]),
        host=str(table.hosts.iloc[place]),
        table=table.take([place]),
        measured=rows.measured,
        around=rows.around(place) if model.neighbour_columns(table.dataset) else None,
    )


def _said_of(job: ObjectJob) -> tuple[StoredPredictions, ObjectPrediction]:
    """Return what a session says of all its objects, and of the one that is asked about."""
    stored = StoredPredictions(Path(job.results or "") / Path(PREDICTIONS).name)
    try:
        (said,) = stored.take([job.number or 0])
    except IndexError:
        raise FieldError(
            f"The session has no object {job.number}: it has {len(stored)}, numbered from 1.",
            field="number",
        ) from None
    except OSError:
        raise DataError("The session's predictions are no longer on this server.") from None
    return stored, said


def _stored(
    rows: Path, said: ObjectPrediction, model: TrainedModel, *, measured: bool
) -> ObjectAtHand:
    """Return an object of a table that is too large to be read again."""
    table, neighbours = stored_rows(rows, [said.number], [said.name], [said.host])
    return ObjectAtHand(
        model=model,
        number=said.number,
        name=said.name,
        host=said.host,
        table=table,
        measured=measured,
        kept=neighbours,
    )


def _listed(job: ObjectJob) -> _Rows:
    table = whole_table(job.catalogue, job.mission, computed=computed_by(job.means))
    if table is None:
        carried = DATASETS[job.mission].carried
        if carried is None:
            raise DataError(f"No table of {DATASETS[job.mission].title} is loaded on this server.")
        table = read_table(carried.path, DATASETS[job.mission], require_labels=True)
    return _Rows(table, None)


def _told(job: ObjectJob) -> str:
    """Return what says which rows they are: files that never change, and how they are read."""
    return json.dumps([job.mission, job.training, job.prediction, job.results, job.catalogue])


def _digest(artifact: str) -> tuple[str, str]:
    """Return what another model has never: a folder and the hash of the hashes of its files."""
    try:
        manifest = (Path(artifact) / MANIFEST).read_bytes()
    except OSError:
        raise ArtifactError("The saved model is missing or its manifest is damaged.") from None
    return artifact, hashlib.sha256(manifest).hexdigest()

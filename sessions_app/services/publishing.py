"""Publishing models: those that the project carries, and those that an operator trains anew.

A published model is a completed training session like any other, with a card.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from mlcore import pretrained
from mlcore.datasets import DATASETS
from mlcore.datasets.name_keys import object_key, star_key
from mlcore.datasets.snapshot import read_whole_snapshot
from mlcore.errors import ArtifactError, DataError
from mlcore.features.feature_sets import FeatureSet
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, RESULTS
from mlcore.persistence.manifest import MANIFEST, read_manifest
from mlcore.prediction.writing import write_objects
from mlcore.pretrained import PUBLISHED
from mlcore.pretrained.packaging import CARD, RESULT, VERDICTS, read_json
from mlcore.pretrained.verdict_rows import verdict_rows
from sessions_app import lifecycle
from sessions_app.exceptions import RefusedError
from sessions_app.execution.copy_rows import copy_rows
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    DataSource,
    ObjectVerdict,
    ProgressEntry,
    Session,
    SessionKind,
    TrainingSession,
)
from sessions_app.models.snapshot import ALL_MISSIONS
from sessions_app.queue.session_lock import taken_until_commit
from sessions_app.services.datasets import current_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.pretrained import PublishedModel, Source

_NAMES = UUID("5f4c5c1e-6a3d-4a39-9d0b-0c6b7b3c9a51")
"""Namespace of the ids that are made from artifacts."""


def publish(session: TrainingSession) -> None:
    """Offer a completed session's model for prediction, unless it sees what follows the label."""
    if session.status != Status.COMPLETED:
        raise RefusedError(
            session.error or "Only the model of a completed session can be published."
        )
    if session.label_derived:
        raise RefusedError(
            "Its model uses label-derived columns, which no table but its owner's has, so that it"
            " cannot be published."
        )
    TrainingSession.objects.filter(pk=session.pk).update(published=True)
    session.refresh_from_db()


def withdraw(session: TrainingSession) -> None:
    """Offer a model no longer; what was predicted with it stays."""
    if not TrainingSession.objects.filter(pk=session.pk, published=True).update(published=False):
        raise RefusedError("Its model is not published.")
    session.refresh_from_db()


def published_id(card: dict[str, Any]) -> UUID:
    """Return the id of the session of a published model: the same artifact has the same id."""
    # The hash of the artifact's manifest covers those of its other files.
    return uuid5(_NAMES, card["artifact"]["sha256"][MANIFEST])


def install_carried() -> list[TrainingSession]:
    """Publish every model that the project carries; see `install`. Returns the new sessions."""
    installed = [install(name) for name in pretrained.carried_names()]
    return [session for session in installed if session is not None]


def install(name: str) -> TrainingSession | None:
    """Publish a model that the project carries, if it is not here yet.

    No table and no network is needed. None when it is here already, whether it is offered or an
    operator withdrew it, or when another process does it. Raises `mlcore.errors.ArtifactError` when
    what is carried is damaged.
    """
    session_id = published_id(pretrained.card(name))
    if TrainingSession.objects.filter(pk=session_id).exists() and _is_readable(session_id):
        return None
    with tempfile.TemporaryDirectory(prefix="exoplanet-model-") as temporary:
        package = Path(temporary) / name
        pretrained.unpack(name, package)
        return _recorded(package)


def train_pretrained(name: str, *, folder: Path | None = None) -> TrainingSession:
    """Train one of the project's models on the tables that are loaded here, and publish it.

    A model on a full table that is not loaded needs a folder with the archive's tables.
    """
    with tempfile.TemporaryDirectory(prefix="exoplanet-model-") as temporary:
        package = Path(temporary) / name
        try:
            pretrained.train_published(name, _sources(PUBLISHED[name], folder), package)
        except DataError as error:
            raise RefusedError(str(error)) from error
        session = _recorded(package, again=True)
    if session is None:
        raise RefusedError("Another process publishes the same model just now.")
    return session


def withdraw_unreadable() -> list[TrainingSession]:
    """Offer no longer what this version cannot read: damaged, lost, or of an older format.

    Returns what was offered until now.
    """
    offered = TrainingSession.objects.filter(published=True)
    unreadable = [session for session in offered if not _is_readable(session.pk)]
    TrainingSession.objects.filter(pk__in=[session.pk for session in unreadable]).update(
        published=False
    )
    return unreadable


def _sources(model: PublishedModel, folder: Path | None) -> dict[str, Source]:
    wide = model.feature_set is FeatureSet.WIDE
    if wide and folder is not None:
        return pretrained.sources_in_folder(model, folder)
    loaded = {
        mission: _loaded(current_snapshot(mission, field="mission")) for mission in model.missions
    }
    if not wide:
        return loaded
    full = {
        mission: of_full_table
        for mission, source in loaded.items()
        if (of_full_table := source.of_full_table())
    }
    if len(full) < len(loaded):
        raise RefusedError(
            "This model is trained on the archive's full table, and what is loaded lacks its"
            " columns: name a folder that has it with --folder or EXOPLANET_ARCHIVE_DIR."
        )
    return full


def _loaded(snapshot: DatasetSnapshot) -> Source:
    path = storage.local_file(snapshot.file.name, sha256=snapshot.file_sha256)
    table, tested = read_whole_snapshot(path, DATASETS[snapshot.mission])
    return pretrained.Source(
        table=table,
        tested=tested,
        description=snapshot.source_description,
        dated=snapshot.dated,
        sha256=snapshot.sha256,
    )


def _recorded(package: Path, *, again: bool = False) -> TrainingSession | None:
    """Make a published session of the folder that `mlcore.pretrained.train_published` wrote.

    When a model is trained `again`, one that is there already counts as the newest from now on.
    None when another process does the same.
    """
    card, result = read_json(package / CARD), read_json(package / RESULT)
    session_id = published_id(card)
    with transaction.atomic():
        if not taken_until_commit(session_id):
            return None
        session = TrainingSession.objects.filter(pk=session_id).first()
        if session is None:
            session = _completed(session_id, card, result)
            copy_rows(ObjectVerdict, _verdicts(session_id, read_json(package / VERDICTS)))
        else:
            now = {"finished_at": timezone.now()} if again else {}
            TrainingSession.objects.filter(pk=session_id).update(published=True, **now)
        if not _is_readable(session_id):
            with storage.work_folder(session_id) as folder:
                shutil.copytree(package / ARTIFACT, folder / ARTIFACT)
                storage.keep_folder(folder / ARTIFACT, storage.artifact_folder(session_id))
                if (package / RESULTS).is_dir():
                    shutil.copytree(package / RESULTS, folder / RESULTS)
                else:
                    # What is carried says nothing of single objects.
                    (folder / RESULTS).mkdir()
                    write_objects([], folder / PREDICTIONS)
                storage.keep_folder(folder / RESULTS, storage.results_folder(session_id))
    session.refresh_from_db()
    return session


def _completed(session_id: UUID, card: dict[str, Any], result: dict[str, Any]) -> TrainingSession:
    missions = card["missions"]
    snapshots = [snapshot for snapshot in map(_snapshot_of, card["data"]) if snapshot is not None]
    own = snapshots[0] if len(missions) == 1 and snapshots else None
    session = TrainingSession.objects.create(
        id=session_id,
        kind=SessionKind.TRAINING,
        mission=missions[0] if len(missions) == 1 else ALL_MISSIONS,
        task=card["task"]["name"],
        data_source=DataSource.NASA,
        snapshot=own,
        reference=own,
        seed=card["model"]["seed"],
        model_type=card["model"]["model_type"],
        hyperparameters=card["model"]["hyperparameters"],
        feature_set=card["feature_set"]["name"],
        card=card,
        published=True,
    )
    session.further_snapshots.set([snapshot for snapshot in snapshots if snapshot != own])
    # Within one transaction: nobody sees it in any state but the last.
    lifecycle.claim(Session.objects.all(), session.pk, worker="publishing")
    lifecycle.complete(
        Session.objects.all(),
        session.pk,
        metrics=result["metrics"],
        report=result["report"],
        model=result["model"],
        warnings=result["warnings"],
    )
    ProgressEntry.objects.create(session=session, percent=100.0, step="Completed")
    return session


def _verdicts(session_id: UUID, saved: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number, verdict in enumerate(verdict_rows(saved), start=1):
        yield {
            "session_id": session_id,
            "mission": verdict.mission,
            "number": number,
            "name": verdict.name,
            "host": verdict.host,
            "object_key": object_key(verdict.name, DATASETS[verdict.mission]),
            "star_key": star_key(verdict.host, DATASETS[verdict.mission]),
            "disposition": verdict.disposition,
            "probabilities": list(verdict.probabilities),
            "possible": list(map(str, verdict.possible)),
            "fold": verdict.fold,
        }


def _snapshot_of(data: dict[str, Any]) -> DatasetSnapshot | None:
    loaded = DatasetSnapshot.objects.filter(mission=data["mission"], sha256=data["sha256"])
    return loaded.order_by("-is_current", "-loaded_at").first()


def _is_readable(session_id: UUID) -> bool:
    try:
        read_manifest(storage.local_folder(storage.artifact_folder(session_id)))
    except ArtifactError:
        return False
    return True

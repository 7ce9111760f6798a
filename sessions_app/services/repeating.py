"""Repeating a session from its manifest, on this server or on another."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.features.feature_sets import FeatureSet
from mlcore.lightcurves.known import KnownSignal
from mlcore.model_selection.protocol import Protocol
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.files.upload_handler import Upload
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    DataSource,
    FilePurpose,
    SessionKind,
    TrainingSession,
    UploadedFile,
)
from sessions_app.services.fewer_columns import FewerColumns
from sessions_app.services.inputs import ArchiveData, UploadedData
from sessions_app.services.prediction import start_prediction
from sessions_app.services.training import TrainingChoices, start_training

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sessions_app.models import Session

__all__ = ["FORMAT", "repeat"]

FORMAT = 1
"""Of the manifests that can be repeated; see `sessions_app.selectors.manifest`."""
_NEEDED = {
    "": ("session", "request", "snapshot", "files", "metrics", "predictions"),
    "session": ("id", "kind"),
    "request": ("mission", "task", "data_source", "seed"),
    "predictions": ("rows", "sha256"),
}
_OF_KIND = {
    SessionKind.TRAINING: ("model_type", "hyperparameters", "feature_set", "protocols"),
    SessionKind.PREDICTION: ("model",),
}
_NO_MANIFEST = "The file is no manifest of a session"


def repeat(manifest: Any, *, files: Sequence[Path] = ()) -> Session:
    """Start a session that does what a manifest's session did; it waits for a worker.

    Parameters
    ----------
    manifest
        JSON values, of a file that somebody sent: whatever they are.
    files
        The user's files that it names, in any order: they are known by their SHA-256. Those that
        this server has are found without.

    Raises
    ------
    RefusedError
        When it is no such manifest, or what it names is not here.
    """
    _check(manifest)
    request = manifest["request"]
    kind = SessionKind(manifest["session"]["kind"])
    try:
        if kind is SessionKind.TRAINING:
            return _trained(manifest, request, files)
        return _predicted(manifest, request, files)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        # Each part of the request is checked by what it is about; its shape is checked by nothing.
        raise RefusedError(f"{_NO_MANIFEST}: its request is damaged.", field="manifest") from error


def _check(manifest: Any) -> None:
    """Refuse what is no manifest, in the words of what is wrong with it."""
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise RefusedError(f"{_NO_MANIFEST}.", field="manifest")
    if manifest["format"] != FORMAT:
        raise RefusedError(
            f"The manifest has format {str(manifest['format'])[:20]}, but this version repeats"
            f" {FORMAT}.",
            field="manifest",
        )
    for part, names in _NEEDED.items():
        found = manifest[part] if part else manifest
        _check_has(found, names, part)
    kinds = [str(kind) for kind in _OF_KIND]
    if manifest["session"]["kind"] not in kinds:
        raise RefusedError(
            f"{_NO_MANIFEST} that can be repeated: its kind is"
            f" {str(manifest['session']['kind'])[:20]!r}, but it must be {' or '.join(kinds)}.",
            field="manifest",
        )
    _check_has(manifest["request"], _OF_KIND[manifest["session"]["kind"]], "request")
    published = manifest["request"].get("published")
    if published:
        raise RefusedError(
            f"The manifest is of the published model {str(published)[:60]}, which `manage.py"
            " train_pretrained` trains again.",
            field="manifest",
        )
    mission = manifest["request"]["mission"]
    if mission not in DATASETS:
        raise RefusedError(
            f"The manifest is of the mission {str(mission)[:20]!r}, which is not known here.",
            field="manifest",
        )


def _check_has(found: Any, names: Sequence[str], part: str) -> None:
    missing = next((n for n in names if not isinstance(found, dict) or n not in found), None)
    if missing is not None:
        raise RefusedError(
            f"{_NO_MANIFEST}: it lacks {f'{part}.' if part else ''}{missing}.", field="manifest"
        )


def _trained(
    manifest: Mapping[str, Any], request: Mapping[str, Any], files: Sequence[Path]
) -> TrainingSession:
    with storage.unfinished_file() as folder:
        folder.mkdir()
        return start_training(
            model_type=request["model_type"],
            hyperparameters=request["hyperparameters"],
            data=_data(manifest, request, files, folder),
            choices=TrainingChoices(
                task=request["task"],
                feature_set=FeatureSet(request["feature_set"]),
                label_derived=tuple(request.get("label_derived_columns", ())),
                protocols=tuple(map(Protocol, request["protocols"])),
                second_opinion=request.get("second_opinion"),
            ),
            seed=int(request["seed"]),
            waits_for_evidence=bool(request.get("waits_for_evidence")),
        )


def _predicted(
    manifest: Mapping[str, Any], request: Mapping[str, Any], files: Sequence[Path]
) -> Session:
    model = _model(request["model"])
    with storage.unfinished_file() as folder:
        folder.mkdir()
        return start_prediction(
            data=_data(manifest, request, files, folder),
            model_id=model.pk,
            task=request["task"],
            fewer_columns=FewerColumns.REFIT if request.get("refit") else None,
            second_opinion=request.get("second_opinion"),
            seed=int(request["seed"]),
            waits_for_evidence=bool(request.get("waits_for_evidence")),
        )


def _model(named: Mapping[str, Any]) -> TrainingSession:
    """Return the very model that a manifest names."""
    # The id of a published model follows from its files, so that it is the same on each server.
    found = TrainingSession.objects.filter(pk=named["id"], status=Status.COMPLETED).first()
    if found is None:
        title = named.get("name") or named["id"]
        raise RefusedError(
            f"The manifest's model {title} is not on this server; a published one is installed"
            " with `manage.py install_pretrained`.",
            field="manifest",
        )
    return found


def _data(
    manifest: Mapping[str, Any],
    request: Mapping[str, Any],
    files: Sequence[Path],
    folder: Path,
) -> ArchiveData | UploadedData:
    """Return the rows that the session was about, the very same ones."""
    mission = request["mission"]
    if request["data_source"] == DataSource.NASA:
        return ArchiveData(mission=mission, snapshot=_snapshot(manifest["snapshot"]))
    uploads = {
        FilePurpose(file["field"]): Upload(
            path=_copied(file, files, folder), name=str(file["name"])
        )
        for file in manifest["files"]
    }
    return UploadedData(
        mission=mission,
        training=uploads.get(FilePurpose.TRAINING),
        testing=uploads.get(FilePurpose.TESTING),
        mapping=ColumnMapping.from_json(request.get("mapping")),
        known_signals=tuple(KnownSignal(**one) for one in request.get("known_signals") or ()),
        catalogues=tuple(map(_snapshot, manifest.get("catalogues") or ())),
    )


def _snapshot(named: Mapping[str, Any]) -> DatasetSnapshot:
    found = DatasetSnapshot.objects.filter(
        mission=named["mission"], sha256=named["sha256"], file_sha256=named["file_sha256"]
    ).first()
    if found is None:
        raise RefusedError(
            f"The manifest's table ({str(named.get('source'))[:100]}, dated {named.get('dated')},"
            f" SHA-256 {named['sha256'][:12]}…) is not loaded on this server: load it with"
            f" `manage.py load_dataset {named['mission']} --file PATH`.",
            field="manifest",
        )
    return found


def _copied(named: Mapping[str, Any], files: Sequence[Path], folder: Path) -> Path:
    """Return a copy of a user's file, since starting a session takes its file away."""
    target = folder / str(FilePurpose(named["field"]))
    kept = UploadedFile.objects.filter(sha256=named["sha256"]).first()
    found = next((path for path in files if storage.sha256_of(path) == named["sha256"]), None)
    if found is None and kept is not None:
        found = storage.local_file(kept.file.name, sha256=kept.sha256)
    if found is None or not found.is_file():
        raise RefusedError(
            f"The manifest's {named['field']} {str(named['name'])[:60]!r} (SHA-256"
            f" {named['sha256'][:12]}…) is not on this server: name it with --file PATH.",
            field="manifest",
        )
    shutil.copyfile(found, target)
    return target

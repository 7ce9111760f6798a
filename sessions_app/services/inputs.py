"""The rows that a session is about: NASA's table or a user's files, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore import DATASETS, read_table
from mlcore.training import training_rows, usable_columns
from sessions_app import storage
from sessions_app.models import FilePurpose, Session, UploadedFile
from sessions_app.refusals import RefusedError, naming

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Dataset, Table

__all__ = ["ArchiveData", "CheckedUpload", "Upload", "UploadedData", "check_upload", "keep_uploads"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveData:
    """NASA's table of a mission, in its current snapshot."""

    mission: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that a request brought, in a temporary place."""

    path: Path
    name: str
    """The user's own name for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadedData:
    """A user's own files, in the columns of a mission."""

    mission: str
    training: Upload | None = None
    testing: Upload | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CheckedUpload:
    """An upload that can be used for its purpose."""

    upload: Upload
    purpose: FilePurpose
    table: Table


def known_dataset(mission: str, *, field: str) -> Dataset:
    """Return the mission that a request names, in whatever case.

    Raises
    ------
    RefusedError
        When there is no such mission.
    """
    dataset = DATASETS.get(mission.strip().lower())
    if dataset is None:
        raise RefusedError(
            f"{field} was {mission[:60]!r}, but it must be one of {', '.join(DATASETS)}.",
            field=field,
        )
    return dataset


def check_upload(upload: Upload, purpose: FilePurpose, dataset: Dataset) -> CheckedUpload:
    """Read an upload and refuse what its purpose cannot use.

    A training file must have labelled rows of at least two classes on enough stars; a testing
    file needs no labels.

    Raises
    ------
    RefusedError
        When the file is no table of the mission, or cannot be trained on.
    """
    for_training = purpose is FilePurpose.TRAINING
    with naming(purpose.value, in_sentence=True):
        table = read_table(upload.path, dataset, require_labels=for_training)
        if for_training:
            usable_columns(training_rows(table))
    return CheckedUpload(upload=upload, purpose=purpose, table=table)


def keep_uploads(session: Session, uploads: list[CheckedUpload]) -> None:
    """Move a session's uploads to where they are kept and record them.

    Called within the transaction that makes the session. A file that was moved when the
    transaction fails is named by no row.
    """
    for each in uploads:
        path = each.upload.path
        size, sha256 = path.stat().st_size, storage.sha256_of(path)
        UploadedFile.objects.create(
            session=session,
            purpose=each.purpose,
            name=each.upload.name,
            file=storage.keep_file(path, f"uploads/{session.id}-{each.purpose}"),
            size=size,
            sha256=sha256,
            rows=len(each.table),
        )

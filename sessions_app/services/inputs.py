"""The rows that a session is about: NASA's table or a user's files, checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore import DATASETS
from mlcore.datasets.headings.mapping import NO_MAPPING, ColumnMapping, MappingError
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.jobs.check_upload import UploadCheck
from sessions_app.exceptions import RefusedError, StoreError
from sessions_app.files import storage
from sessions_app.files.check_upload import is_light_curve, read_apart, refusals_of
from sessions_app.models import DataSource, FilePurpose, Session, UploadedFile
from sessions_app.services.datasets import loaded_catalogues
from sessions_app.services.limits import refuse_too_many_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from mlcore.datasets import Dataset
    from mlcore.datasets.opinion import Opinion
    from mlcore.jobs.check_upload import UploadVerdict
    from mlcore.lightcurves.known import KnownSignal
    from mlcore.tasks import Task
    from sessions_app.access.ownership import Owner
    from sessions_app.files.upload_handler import Upload
    from sessions_app.models import DatasetSnapshot
    from sessions_app.services.refusals import Refusals

MOST_PREDICTED_ROWS = 1_000_000
"""How many rows a session predicts; they are scored in parts, and of many only those are explained
that somebody looks at."""
MOST_TESTED_ROWS = 50_000
"""How many rows a model is tested on that a session trains: each is explained. What is held out of
the largest training file is as many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveData:
    """NASA's table of a mission."""

    mission: str
    field: str = "mission"
    """What the request's field is called that named the mission."""
    snapshot: DatasetSnapshot | None = None
    """Which of its snapshots; None for the current one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadedData:
    """A user's own files, in the columns of a mission."""

    mission: str
    field: str = "mission"
    """What the request's field is called that named the mission."""
    training: Upload | None = None
    testing: Upload | None = None
    mapping: ColumnMapping = NO_MAPPING
    """What the files' headings and the words of their labels mean."""
    known_signals: tuple[KnownSignal, ...] = ()
    """Of the only light curve: they are measured instead of what a search finds."""
    catalogues: tuple[DatasetSnapshot, ...] | None = None
    """The tables in which signals of light curves are looked up; None: those that are current."""
    training_may_be_testing: bool = False
    """Whether a training file alone that has no label is one of rows to predict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedUpload:
    """An upload that was read for its purpose."""

    upload: Upload
    purpose: FilePurpose
    """What it is used for."""
    sent_as: FilePurpose
    """Of which of the request's fields it is."""
    verdict: UploadVerdict
    usable: bool = True
    """Whether nothing was found that it is refused for."""


def column_mapping(data_source: str, **sent: Any) -> ColumnMapping:
    """Read what a request says of its files' headings: `columns`, `label` and `label_words`.

    Refused where one of them is of another form, or where there are no files to read.
    """
    try:
        mapping = ColumnMapping.parse(**sent)
    except MappingError as error:
        raise RefusedError(str(error), field=error.field) from error
    if mapping and data_source != DataSource.USER:
        field = next(name for name, value in sent.items() if value)
        raise RefusedError(
            f"{field}: it is about files of your own, and NASA's table needs none; leave it out, or"
            " choose data_source user.",
            field=field,
        )
    return mapping


def known_dataset(mission: str, *, field: str) -> Dataset:
    """Return the mission that a request names, in whatever case."""
    dataset = DATASETS.get(mission.strip().lower())
    if dataset is None:
        raise RefusedError(
            f"{field} was {mission[:60]!r}, but it must be one of {', '.join(DATASETS)}.",
            field=field,
            allowed=tuple(DATASETS),
        )
    return dataset


def routed(data: ArchiveData | UploadedData, *, owner: Owner) -> ArchiveData | UploadedData:
    """Return what is sent as light curves' data where it is one, whatever mission it came with."""
    if isinstance(data, ArchiveData) or data.mission.strip().lower() == LIGHT_CURVES.name:
        return data
    sent = [upload for upload in (data.training, data.testing) if upload is not None]
    if any(is_light_curve(upload.path, who=owner.address or owner.key) for upload in sent):
        return replace(data, mission=LIGHT_CURVES.name)
    return data


def check_uploads(
    data: UploadedData,
    dataset: Dataset,
    *,
    task: Task,
    label_derived: Collection[str],
    to_train: bool,
    owner: Owner,
    opinion: Opinion | None = None,
    refusals: Refusals,
) -> list[CheckedUpload]:
    """Read a session's files and refuse what their purposes cannot use.

    Training needs both files, prediction one of them. A training file must have labelled rows of at
    least two classes on enough stars; a testing file needs no labels. One of them must have the
    column of the second opinion. Where all refusals are gathered, it is also told how each file
    begins.
    """
    uploads: list[CheckedUpload] = []
    mapping = _mapping_of_files(data)
    for purpose, upload in (
        (FilePurpose.TRAINING, data.training),
        (FilePurpose.TESTING, data.testing),
    ):
        if upload is None:
            if to_train:
                refusals.of_these([_missing(purpose)])
            continue
        with refusals.of_a_check():
            verdict = read_apart(
                UploadCheck(
                    path=str(upload.path),
                    dataset=dataset.name,
                    task=task.name,
                    to_train_on=purpose is FilePurpose.TRAINING,
                    or_to_predict=data.training_may_be_testing and data.testing is None,
                    label_derived=list(label_derived),
                    mapping=mapping.as_json(),
                    mission_field=data.field,
                    second_opinion=opinion and opinion.as_json(),
                    name=upload.name,
                    known_signals=[asdict(signal) for signal in data.known_signals],
                    look=refusals.all_of_them,
                ),
                field=purpose.value,
                who=owner.address or owner.key,
            )
            used_for = FilePurpose.TESTING if verdict.to_predict else purpose
            wrong = [
                *refusals_of(verdict, field=purpose.value),
                *_too_many_rows(verdict, purpose, used_for, to_train=to_train),
            ]
            refusals.of_these(wrong)
            uploads.append(
                CheckedUpload(
                    upload=upload,
                    purpose=used_for,
                    sent_as=purpose,
                    verdict=verdict,
                    usable=not wrong,
                )
            )
    if data.training is None and data.testing is None and not to_train:
        refusals.of_these([_nothing_sent()])
    if uploads and all(checked.usable for checked in uploads):
        with refusals.of_a_check():
            _refuse_absent_headings(uploads)
        with refusals.of_a_check():
            _refuse_absent_opinion(uploads, opinion)
    return uploads


def _missing(purpose: FilePurpose) -> RefusedError:
    return RefusedError(
        f"{purpose} is missing: with data_source user, training needs a training_file and a"
        " testing_file.",
        field=purpose.value,
    )


def _nothing_sent() -> RefusedError:
    return RefusedError(
        "training_file is missing: with data_source user, prediction needs a training_file to"
        " fine-tune on, a testing_file to predict, or both.",
        field="training_file",
    )


def _too_many_rows(
    verdict: UploadVerdict, purpose: FilePurpose, used_for: FilePurpose, *, to_train: bool
) -> Iterator[RefusedError]:
    most, done = (
        (MOST_TESTED_ROWS, "tested on, when a model is trained,")
        if to_train
        else (MOST_PREDICTED_ROWS, "predicted")
    )
    if used_for is FilePurpose.TESTING and verdict.rows > most:
        yield RefusedError(
            f"{purpose}: The table has {verdict.rows:,} rows, but at most {most:,} can be"
            f" {done} in one session.",
            field=purpose.value,
        )


def _refuse_absent_opinion(uploads: Sequence[CheckedUpload], opinion: Opinion | None) -> None:
    if opinion is not None and not any(checked.verdict.opinion_names for checked in uploads):
        raise RefusedError(
            f"second_opinion: no file has a column {opinion.column[:60]!r}.",
            field="second_opinion",
        )


def recorded_reading(
    data: ArchiveData | UploadedData, uploads: Sequence[CheckedUpload]
) -> dict[str, Any]:
    """Return what a session records of how its files are read: nothing where it has none."""
    if isinstance(data, ArchiveData):
        return {}
    return {
        "mapping": _mapping_of_files(data).as_json(),
        "known_signals": [asdict(signal) for signal in data.known_signals],
        "reading": {str(checked.purpose): checked.verdict.reading for checked in uploads},
    }


def _mapping_of_files(data: UploadedData) -> ColumnMapping:
    """Return what a request says of the headings of its files, as each of them is read with."""
    return replace(data.mapping, of_several=None not in {data.training, data.testing})


def _refuse_absent_headings(uploads: Sequence[CheckedUpload]) -> None:
    """Refuse what a request says of a heading that none of its files has."""
    absent = [[tuple(named) for named in checked.verdict.absent] for checked in uploads]
    for field, name in absent[0]:
        if all((field, name) in others for others in absent):
            raise RefusedError(
                f'{field}: none of the files has the heading "{name[:60]}".', field=field
            )


def keep_catalogues(session: Session, data: ArchiveData | UploadedData) -> None:
    """Record in which tables the signals of a session's light curves are looked up."""
    if session.mission != LIGHT_CURVES.name or isinstance(data, ArchiveData):
        return
    given = data.catalogues
    session.catalogues.set(loaded_catalogues() if given is None else given)


def keep_uploads(session: Session, uploads: Sequence[CheckedUpload], *, owner: Owner) -> None:
    """Move a session's uploads to where they are kept and record them, if the owner has room.

    Called within the transaction that makes the session, after `make_room`. Of files that cannot be
    kept none is. A file that was moved when the transaction fails later is named by no row.
    """
    if uploads:
        refuse_too_many_bytes(owner, sum(checked.upload.path.stat().st_size for checked in uploads))
    kept: list[Path] = []
    try:
        for checked in uploads:
            path = checked.upload.path
            size, sha256 = path.stat().st_size, storage.sha256_of(path)
            name = f"uploads/{session.id}-{checked.purpose}"
            kept.append(storage.media_path(name))
            UploadedFile.objects.create(
                session=session,
                purpose=checked.purpose,
                name=checked.upload.name,
                file=storage.keep_file(path, name),
                size=size,
                sha256=sha256,
                rows=checked.verdict.rows,
            )
    except StoreError:
        for place in kept:
            storage.remove(place)
        raise

"""Writing what a person who looked at an object says of it."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from mlcore.datasets import DATASETS
from mlcore.datasets.name_keys import object_key
from mlcore.jobs.messages import ROWS
from mlcore.tasks import TASKS
from sessions_app.access.reviewers import may_review
from sessions_app.exceptions import ConflictError, GoneError, RefusedError
from sessions_app.files import storage
from sessions_app.files.results import objects_of
from sessions_app.lifecycle import Status
from sessions_app.models import UNDECIDED, DataSource, ObjectReview, Session, SessionKind
from sessions_app.models.review import review_key
from sessions_app.services.recording import ADDITION, record

if TYPE_CHECKING:
    from uuid import UUID

    from mlcore.datasets import Dataset
    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import DatasetSnapshot

__all__ = ["MOST_LETTERS", "review_object", "verdicts_on"]

MOST_LETTERS = 2000
"""How long a reason may be."""
_VALUE = "value:"
"""Before a column's name in a file of rows, see `mlcore.prediction.stored_rows`."""


def verdicts_on(session: Session) -> tuple[str, ...]:
    """Return what a reviewer may say of a session's objects: its task's dispositions, undecided."""
    return (*map(str, TASKS[session.task].classes), UNDECIDED)


def review_object(
    session_id: UUID, object_number: int, *, verdict: str, reason: str, reviewer: Any
) -> ObjectReview:
    """Write a reviewer's verdict on one of a completed session's objects, with the reason for it.

    An earlier review of the object stays; the newest one counts. Raises RefusedError: with 403
    where the user is no reviewer, with 404 where there is no such session or object, with 409
    where the object's own values cannot be had, and where a field is wrong.
    """
    if not may_review(reviewer):
        raise RefusedError(
            "Only reviewers may write a verdict on an object: an operator puts staff into the group"
            " Reviewers.",
            status=HTTPStatus.FORBIDDEN,
        )
    session = Session.objects.select_related("snapshot").filter(pk=session_id).first()
    if session is None or session.kind == SessionKind.ANALYSIS:
        raise RefusedError(
            f"session: there is no training or prediction session {session_id}.",
            field="session",
            status=HTTPStatus.NOT_FOUND,
        )
    if session.status != Status.COMPLETED:
        raise ConflictError(
            f"session: it is {session.status}, and only a completed one says anything of objects.",
            field="session",
        )
    reason = _checked(session, verdict, reason)
    objects = objects_of(session)
    row = objects.numbered(object_number)
    if row is None:
        raise RefusedError(
            f"object_number was {object_number}, but the session's objects are numbered from 1 to"
            f" {len(objects)}.",
            field="object_number",
            status=HTTPStatus.NOT_FOUND,
        )
    columns = _columns_of(session, row)
    is_users_own = session.data_source == DataSource.USER
    with transaction.atomic():
        review = ObjectReview.objects.create(
            mission=session.mission,
            name=row.name,
            host=row.host,
            object_key=review_key(session, row),
            session_id=session.pk,
            object_number=row.number,
            of_own_rows=session if is_users_own else None,
            model_label=row.label,
            verdict=verdict,
            reason=reason,
            columns=columns,
            reviewer=reviewer,
            reviewer_name=reviewer.get_username(),
        )
        review.refresh_from_db(fields=["disagrees"])
        record(reviewer.pk, review, _deed(review), flag=ADDITION)
    return review


def _deed(review: ObjectReview) -> str:
    if review.verdict == UNDECIDED:
        return "Looked, and could not decide."
    said = f"the model, which says {review.get_model_label_display()}."
    return f"{'Disagreed' if review.disagrees else 'Agreed'} with {said}"


def _checked(session: Session, verdict: str, reason: str) -> str:
    allowed = verdicts_on(session)
    if verdict not in allowed:
        raise RefusedError(
            f"verdict was {verdict[:60]!r}, but it must be one of {', '.join(allowed)}.",
            field="verdict",
            allowed=allowed,
        )
    reason = reason.strip()
    if not reason:
        raise RefusedError(
            "reason is missing: say in a sentence what the verdict rests on.", field="reason"
        )
    if len(reason) > MOST_LETTERS:
        raise RefusedError(
            f"reason has {len(reason)} letters, but at most {MOST_LETTERS} are kept.",
            field="reason",
        )
    return reason


def _columns_of(session: Session, row: ObjectPrediction) -> dict[str, Any]:
    """Return an object's values by the mission's columns, from where the session had them."""
    dataset = DATASETS.get(session.mission)
    if dataset is None:
        raise ConflictError(
            "session: it is of all missions at once, so that its objects have the columns of none;"
            " review them in a session of their own mission.",
            field="session",
        )
    if session.snapshot is not None:
        return _from_snapshot(session.snapshot, row, dataset)
    named = {dataset.object_name[0]: row.name, dataset.host: row.host}
    values = _from_stored_row(session, row)
    return {
        # What nothing names is called by its place in the file, which names nothing elsewhere.
        **{column: name for column, name in named.items() if not name.startswith("row ")},
        **{
            column: value
            for column, value in values.items()
            if dataset.knows(column) and value is not None
        },
    }


def _from_stored_row(session: Session, row: ObjectPrediction) -> dict[str, Any]:
    """Return a row's values: with the prediction, or of a large table in a file of their own."""
    if row.values is not None:
        return dict(zip((session.model or {})["columns"], row.values, strict=True))
    path = storage.local_folder(storage.results_folder(session.pk)) / Path(ROWS).name
    if not path.is_file():
        raise GoneError("The session's rows are no longer on this server; run it again.")
    file, place = pq.ParquetFile(path), row.number - 1
    for group in range(file.num_row_groups):
        if place < file.metadata.row_group(group).num_rows:
            found = file.read_row_group(group).slice(place, 1).to_pylist()[0]
            return {
                name.removeprefix(_VALUE): value
                for name, value in found.items()
                if name.startswith(_VALUE)
            }
        place -= file.metadata.row_group(group).num_rows
    raise GoneError("The session's rows are no longer on this server; run it again.")


def _from_snapshot(
    snapshot: DatasetSnapshot, row: ObjectPrediction, dataset: Dataset
) -> dict[str, Any]:
    path = Path(storage.local_file(snapshot.file.name, sha256=snapshot.file_sha256))
    name = dataset.object_name[0]
    held = [column for column in pq.read_schema(path).names if dataset.knows(column)]
    if name in held:
        names = pq.read_table(path, columns=[name])[name].to_pylist()
        wanted = object_key(row.name, dataset)
        place = next(
            (at for at, one in enumerate(names) if one and object_key(one, dataset) == wanted), None
        )
        if place is not None:
            rows = pq.read_table(path, columns=held).take(pa.array([place]))
            found: dict[str, Any] = rows.to_pylist()[0]
            return {
                column: value
                for column, value in found.items()
                if value is not None and column != dataset.label
            }
    raise ConflictError(
        f"object_number: {row.name} has no row of its own name in the session's table, so that"
        " nothing could be learnt from a review.",
        field="object_number",
    )

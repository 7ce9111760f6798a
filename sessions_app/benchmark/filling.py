"""Filling a database as years of use would: copies of sessions that really ran, made by Postgres.

Whatever a session has today, its copies have too: the columns are the models' own, and only what
tells sessions apart is said here. Half of them are first answers, seven trainings to three
predictions; of those that completed, each has the evidence behind it, and some have an analysis.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from mlcore.progress import silent
from sessions_app.files import storage
from sessions_app.models import (
    EVIDENCE,
    AnalysisSession,
    Attempt,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
    UploadedFile,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from django.db.models import Model

    from mlcore.progress import ProgressCallback

__all__ = ["Filled", "Filling", "Originals", "fill", "originals"]

_DAYS = 365
_PROGRESS_ROWS = 22
"""Of each session that has begun: two million of 100,000."""
_PREDICTED_ROWS = 2300
"""Of each first answer that completed: a hundred million of 100,000 sessions."""
_WHOLE_REPORTS = 20
"""One session in so many has the whole report of the one that it is a copy of, and a large file of
predictions; the others' reports are a few words, or the disk would be what is measured."""
_USERS, _COOKIES, _ADDRESSES = 200, 5000, 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """How much is added."""

    sessions: int
    first: int = 1
    """Number of the first: what was added before has lower ones, and other ids."""
    newest: float = 0.0
    """How long ago the newest was made, as a fraction of the year."""
    waiting: int = 0
    """First answers that wait, of the newest."""
    running: int = 0
    """First answers that are marked as running."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What is there."""

    sessions: int
    progress_rows: int
    attempts: int
    files: int
    predicted_rows: int
    """Rows that the sessions say they predicted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Originals:
    """The sessions that really ran, of which the others are copies."""

    training: UUID
    prediction: UUID
    analysis: UUID
    evidence: UUID


def originals() -> Originals:
    """Return the newest completed session of each kind, before anything is filled.

    Raises LookupError where there is none.
    """
    completed = Session.objects.filter(status="completed").order_by("-created_at")
    kinds = {
        "training": completed.filter(trainingsession__published=False),
        "prediction": completed.filter(predictionsession__isnull=False),
        "analysis": completed.filter(analysissession__isnull=False, in_background=False),
        "evidence": completed.filter(analysissession__analysis=EVIDENCE),
    }
    found = {kind: rows.values_list("pk", flat=True).first() for kind, rows in kinds.items()}
    if None in found.values():
        raise LookupError(f"A session of each kind must have completed, and there is: {found}.")
    return Originals(**found)


def fill(filling: Filling, copied: Originals, progress: ProgressCallback = silent) -> Filled:
    """Add sessions with what belongs to them; return what is there then.

    The larger its number, the older is a session.
    """
    _make_users()
    with transaction.atomic(), connection.cursor() as cursor:
        progress(0.0, "numbering sessions")
        cursor.execute(_PLAN, _numbers(filling, copied))
        cursor.execute("CREATE UNIQUE INDEX ON grown (id)")
        cursor.execute("ANALYZE grown")
        progress(0.1, "copying sessions")
        _copy(Session, _SESSION, joined="row.id = grown.copied")
        for model, own in _KINDS.items():
            _copy(model, own, joined="row.session_ptr_id = grown.copied")
        progress(0.4, "copying attempts and progress")
        _copy(Attempt, _ATTEMPT, joined=_FIRST_ATTEMPT)
        cursor.execute(_PROGRESS)
        _copy_files(cursor)
        cursor.execute("DROP TABLE grown")
    progress(0.8, "writing files")
    _write_files(filling, copied)
    return _filled()


def _numbers(filling: Filling, copied: Originals) -> dict[str, Any]:
    return {
        "first": filling.first,
        "last": filling.first + filling.sessions - 1,
        "sessions": max(filling.sessions, 1),
        "newest": filling.newest,
        "waiting": filling.waiting,
        "active": filling.waiting + filling.running,
        "days": _DAYS,
        "users": _USERS,
        "cookies": _COOKIES,
        "addresses": _ADDRESSES,
        "whole": _WHOLE_REPORTS,
        **asdict(copied),
    }


# Each number has two sessions: a first answer, and what looks at it more closely. What is drawn is
# drawn from the number, so that a second run fills the same.
_PLAN = """
    CREATE TEMPORARY TABLE grown AS
    WITH numbered AS (
        SELECT n, n - %(first)s AS place, (n + 1) / 2 AS pair, n %% 2 = 1 AS is_first,
            CASE WHEN (n + 1) / 2 %% 10 < 7 THEN 'training' ELSE 'prediction' END AS answer,
            ((n + 1) / 2 * 7919) %% 100 AS fate, ((n + 1) / 2 * 104729) %% 10 AS whose
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    ), fated AS (
        SELECT *, CASE
            WHEN place < 2 * %(waiting)s THEN 'queued' WHEN place < 2 * %(active)s THEN 'running'
            WHEN fate < 88 THEN 'completed' WHEN fate < 95 THEN 'failed' ELSE 'cancelled'
        END AS status FROM numbered
    )
    SELECT md5('grown' || n)::uuid AS id, md5('grown' || n - 1)::uuid AS of, n,
        CASE WHEN is_first THEN answer ELSE 'analysis' END AS kind,
        CASE WHEN is_first THEN status ELSE 'completed' END AS status,
        NOT is_first AND fate >= 8 AS in_background,
        CASE
            WHEN is_first AND answer = 'training' THEN %(training)s::uuid
            WHEN is_first THEN %(prediction)s::uuid
            WHEN fate < 8 THEN %(analysis)s::uuid ELSE %(evidence)s::uuid
        END AS copied,
        pair %% %(whole)s = 0 AND status = 'completed' AS is_whole,
        pair %% 3 = 0 AND is_first AS has_file,
        now() - interval '1 day' * %(days)s
            * (%(newest)s + (1 - %(newest)s) * place / %(sessions)s::float) AS made,
        -- A user with a tenth of everything, others, and cookies behind addresses.
        CASE
            WHEN whose = 0 THEN 'user:' || (SELECT id FROM auth_user WHERE username = 'grown-0')
            WHEN whose < 4 THEN 'user:' || (
                SELECT id FROM auth_user WHERE username = 'grown-' || pair %% %(users)s
            )
            ELSE 'anonymous:' || md5((pair %% %(cookies)s)::text)
        END AS owner,
        CASE WHEN whose < 4 THEN '' ELSE 'address:' || md5((pair %% %(addresses)s)::text) END
            AS address
    FROM fated
    -- What has not completed has nothing behind it.
    WHERE is_first OR status = 'completed'
"""

_ENDED = "grown.status NOT IN ('queued', 'running')"
_SUCCEEDED = "grown.status = 'completed'"
_WORDS = """
    CASE grown.status WHEN 'failed' THEN 'The table has no row that can be used.'
    WHEN 'cancelled' THEN 'The session was cancelled.' ELSE '' END
"""
_SESSION = {
    "id": "grown.id",
    "status": "grown.status",
    "in_background": "grown.in_background",
    "owner_key": "grown.owner",
    "owner_id": "CASE WHEN grown.owner LIKE 'user:%%' THEN substr(grown.owner, 6)::int END",
    "counted_as": "grown.owner",
    "address_key": "grown.address",
    "created_at": "grown.made",
    "queued_at": "grown.made",
    "attempts": "(grown.status <> 'queued')::int",
    "started_at": "CASE WHEN grown.status <> 'queued' THEN grown.made + interval '1 second' END",
    "finished_at": f"CASE WHEN {_ENDED} THEN grown.made + interval '20 seconds' END",
    "error": _WORDS,
    "report": f"""CASE WHEN grown.is_whole THEN row.report
        WHEN {_SUCCEEDED} AND row.report IS NOT NULL THEN '{{"curves": []}}'::jsonb END""",
    "metrics": f"CASE WHEN {_SUCCEEDED} THEN row.metrics END",
    # What it predicted are files, of which `_write_files` says which there are.
    "model": f"""CASE WHEN {_SUCCEEDED} AND row.model ? 'test_rows'
        THEN jsonb_set(row.model, '{{test_rows}}', '{_PREDICTED_ROWS}')
        WHEN {_SUCCEEDED} THEN row.model END""",
}
_KINDS: Mapping[type[Model], Mapping[str, str]] = {
    TrainingSession: {"session_ptr_id": "grown.id"},
    PredictionSession: {"session_ptr_id": "grown.id"},
    AnalysisSession: {"session_ptr_id": "grown.id", "of_id": "grown.of"},
}
_FIRST_ATTEMPT = "row.session_id = grown.copied AND row.number = 1 AND grown.status <> 'queued'"
_ATTEMPT = {
    "id": "nextval(pg_get_serial_sequence('sessions_app_attempt', 'id'))",
    "session_id": "grown.id",
    "started_at": "grown.made + interval '1 second'",
    "ended_at": f"CASE WHEN {_ENDED} THEN grown.made + interval '20 seconds' END",
    "ending": f"CASE WHEN {_ENDED} THEN grown.status ELSE '' END",
    "error": _WORDS,
}
_PROGRESS = f"""
    INSERT INTO {ProgressEntry._meta.db_table} (session_id, percent, step, at)
    SELECT grown.id, told.percents[place], told.steps[place],
        grown.made + interval '1 second' * step
    FROM grown
    JOIN (
        SELECT session_id, array_agg(percent ORDER BY id) AS percents,
            array_agg(step ORDER BY id) AS steps, count(*) AS rows
        FROM {ProgressEntry._meta.db_table} GROUP BY session_id
    ) AS told ON told.session_id = grown.copied
    CROSS JOIN generate_series(1, {_PROGRESS_ROWS}) AS step
    CROSS JOIN LATERAL (
        SELECT 1 + (step - 1) * (told.rows - 1) / {_PROGRESS_ROWS - 1} AS place
    ) AS at_place
    WHERE grown.status <> 'queued'
    -- As they came: by time, over all sessions.
    ORDER BY grown.made, step
"""  # noqa: S608, SLF001 - the names of our own tables


def _copy(model: type[Model], own: Mapping[str, str], *, joined: str) -> None:
    """Add a copy of a row for each session that is to have one, its own values apart."""
    # A column that Postgres computes cannot be given.
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]  # noqa: SLF001 - documented
    columns = [str(field.column) for field in fields]
    values = [own.get(name, f'row."{name}"') for name in columns]
    table = model._meta.db_table  # noqa: SLF001 - documented
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)}"  # noqa: S608 - names of our own
            f" FROM grown JOIN {table} AS row ON {joined} ORDER BY grown.made".replace("%%", "%")
        )


def _copy_files(cursor: Any) -> None:
    cursor.execute(
        f"""
        INSERT INTO {UploadedFile._meta.db_table}
            (session_id, purpose, name, file, size, sha256, rows, uploaded_at)
        SELECT id, 'training_file', 'my table ' || n || '.csv',
            'uploads/' || id || '-training_file', 1000 + n, md5(n::text) || md5(n::text), 500, made
        FROM grown WHERE has_file
        """  # noqa: S608, SLF001 - the name of our own table
    )


def _write_files(filling: Filling, copied: Originals) -> None:
    """Give each session what its rows name: links to the files of the one that it is a copy of."""
    uploads = storage.media_path("uploads")
    uploads.mkdir(exist_ok=True)
    table = uploads / "grown"
    table.write_bytes(b"kepoi_name\n" * 50)
    numbers = range(filling.first, filling.first + filling.sessions)
    names = UploadedFile.objects.filter(file__startswith="uploads/", session__in=_ids(numbers))
    for name in names.values_list("file", flat=True).iterator():
        _link(table, storage.media_path(name))
    table.unlink()
    of_kind = {"training": copied.training, "prediction": copied.prediction}
    completed = Session.objects.filter(status="completed", kind__in=of_kind)
    rows = completed.filter(pk__in=_ids(numbers)).values_list("pk", "kind")
    for pk, kind in rows.iterator():
        for place in (storage.artifact_folder, storage.results_folder):
            _link_folder(place(of_kind[kind]), place(pk))


def _ids(numbers: range) -> Any:
    return RawSQL(
        "SELECT md5('grown' || n)::uuid FROM generate_series(%s::bigint, %s::bigint) AS n",
        [numbers.start, numbers.stop - 1],
    )


def _link_folder(original: Path, copy: Path) -> None:
    for path in (original, *original.rglob("*")):
        its_copy = copy / path.relative_to(original)
        if path.is_dir():
            its_copy.mkdir(exist_ok=True)
        else:
            _link(path, its_copy)


def _link(original: Path, link: Path) -> None:
    if not link.exists():
        link.hardlink_to(original)


def _make_users() -> None:
    names = [f"grown-{number}" for number in range(_USERS)]
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    User.objects.bulk_create(User(username=name) for name in names if name not in known)


def _filled() -> Filled:
    return Filled(
        sessions=Session.objects.count(),
        progress_rows=ProgressEntry.objects.count(),
        attempts=Attempt.objects.count(),
        files=UploadedFile.objects.count(),
        predicted_rows=_PREDICTED_ROWS
        * Session.objects.filter(model__test_rows=_PREDICTED_ROWS).count(),
    )

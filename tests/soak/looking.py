"""What database, queue and disk say at the end, looked at from outside."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from mlcore.prediction.stored import prediction_rows
from tests.soak.account import GIVEN_UP
from tests.soak.facts import Row

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.playground import Playground

_ANSWERS = """
    SELECT session_ptr_id::text, md5(answer::text) FROM sessions_app_analysissession
    WHERE answer IS NOT NULL AND analysis <> 'evidence'
"""
_SESSIONS = """
    SELECT session.id::text, kind, status, error, coalesce(attempts.endings, '{}')
    FROM sessions_app_session AS session
    LEFT JOIN (
        SELECT session_id, array_agg(ending::text ORDER BY number) AS endings
        FROM sessions_app_attempt GROUP BY session_id
    ) AS attempts ON attempts.session_id = session.id
    WHERE owner_key <> '' AND NOT in_background ORDER BY created_at
"""
_EVIDENCE = """
    SELECT session.id::text, status, error, answer::text
    FROM sessions_app_analysissession JOIN sessions_app_session AS session
        ON session.id = session_ptr_id
    WHERE in_background
"""
# Its age apart, which is there for requests that are still on their way.
_ORPHANS = """
import json
from sessions_app.files import orphans
orphans.YOUNG_SECONDS = -1
print(json.dumps([each.name for each in orphans.find_orphans()]))
"""
_NAMED = """
    SELECT file FROM sessions_app_uploadedfile
    UNION SELECT file FROM sessions_app_datasetsnapshot
    UNION SELECT kept.folder || id FROM sessions_app_session,
        (VALUES ('artifacts/'), ('results/')) AS kept (folder)
    WHERE status = 'completed' AND kind <> 'analysis'
"""


def rows(playground: Playground) -> tuple[Row, ...]:
    """Return all sessions but the server's own."""
    digests = dict(playground.rows(_ANSWERS))
    for path in (playground.folder / "media" / "results").glob("*/predictions.parquet"):
        digests[path.parent.name] = _digest(path)
    return tuple(
        Row(
            id=session_id,
            kind=kind,
            status=status,
            error=error,
            attempts=tuple(endings),
            digest=digests.get(session_id, ""),
        )
        for session_id, kind, status, error, endings in playground.rows(_SESSIONS)
    )


def _digest(path: Path) -> str:
    """Return a digest of a result, less the intervals that deepen while it is there already."""
    digest = hashlib.md5(usedforsecurity=False)
    for row in prediction_rows(path):
        judgement = row["judgement"] or {}
        for name in ("score_interval", "score_interval_sentence"):
            judgement.pop(name, None)
        digest.update(json.dumps(row, sort_keys=True).encode())
    return digest.hexdigest()


def lost_evidence(playground: Playground) -> list[str]:
    """Return what became of the evidence behind first answers where it is not there, as lines.

    It may be given up like any session that is interrupted too often.
    """
    return [
        f'Evidence {session_id} is {status}: "{error}", {answer}'
        for session_id, status, error, answer in playground.rows(_EVIDENCE)
        if error != GIVEN_UP and (status != "completed" or '"there"' not in answer)
    ]


def unended(playground: Playground) -> list[str]:
    """Return the sessions that have not ended, each as a line."""
    records = playground.rows(
        "SELECT id, kind, status, attempts, now() - created_at FROM sessions_app_session"
        " WHERE status IN ('queued', 'running') ORDER BY created_at"
    )
    return [
        f"{kind} session {session_id} is {status} at its attempt {attempts} after {age}"
        for session_id, kind, status, attempts, age in records
    ]


def queue(playground: Playground) -> tuple[str, ...]:
    """Return the keys of the tasks in the queue."""
    return tuple(str(row[0]) for row in playground.rows("SELECT key FROM django_q_ormq"))


def incoming(playground: Playground) -> list[str]:
    """Return what is only on its way to its place in the media folder."""
    return [path.name for path in (playground.folder / "media" / "incoming").glob("*")]


def orphans(playground: Playground) -> tuple[str, ...]:
    """Return what the project itself takes for orphans."""
    return tuple(json.loads(playground.command("shell", "-v0", "-c", _ORPHANS).splitlines()[-1]))


def media(playground: Playground) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what lies in the media folder unnamed, and what is named and missing."""
    folder = playground.folder / "media"
    lying = {str(path.relative_to(folder)) for path in folder.glob("*/*")}
    named = {str(row[0]) for row in playground.rows(_NAMED)}
    return tuple(sorted(lying - named)), tuple(sorted(named - lying))

"""What database, queue and disk say at the end, looked at from outside."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

import psutil

from mlcore.prediction.stored import prediction_rows
from tests.soak.account import GIVEN_UP
from tests.soak.facts import Row
from tests.soak.harms import Interruption

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.playground import Playground
    from tests.soak.installation import Installation

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
_INTERRUPTIONS = """
    SELECT session_id::text, worker, extract(epoch FROM attempt.started_at)::float,
        extract(epoch FROM ended_at)::float, in_background
    FROM sessions_app_attempt AS attempt
    JOIN sessions_app_session AS session ON session.id = session_id
    WHERE ending = 'interrupted' ORDER BY ended_at
"""
# Their age apart, which is there for requests that are still on their way.
_NO_AGE = """
import json
from sessions_app import services
from sessions_app.files import host_cache, orphans, pruning
orphans.YOUNG_SECONDS = pruning.YOUNG_SECONDS = host_cache._ABANDONED_SECONDS = -1
"""
_ORPHANS = f"{_NO_AGE}print(json.dumps([each.name for each in orphans.find_orphans()]))"
_SWEEP = f"""{_NO_AGE}
gone = [each.name for each in services.clean_up().orphans]
print(json.dumps([*gone, *pruning.prune_host()]))
"""
_NAMED = """
    SELECT file FROM sessions_app_uploadedfile
    UNION SELECT file FROM sessions_app_datasetsnapshot
    UNION SELECT kept.folder || id FROM sessions_app_session,
        (VALUES ('artifacts/'), ('results/')) AS kept (folder)
    WHERE status = 'completed' AND kind <> 'analysis'
"""


def rows(installation: Installation) -> tuple[Row, ...]:
    """Return all sessions but the server's own."""
    ask = installation.hosts[0].rows
    digests = dict(ask(_ANSWERS))
    digests |= {session_id: _digest(path) for session_id, path in installation.results()}
    return tuple(
        Row(
            id=session_id,
            kind=kind,
            status=status,
            error=error,
            attempts=tuple(endings),
            digest=digests.get(session_id, ""),
        )
        for session_id, kind, status, error, endings in ask(_SESSIONS)
    )


def interruptions(host: Playground) -> tuple[Interruption, ...]:
    """Return the attempts that were interrupted, those of evidence among them."""
    return tuple(
        Interruption(session=session, worker=worker, began=began, ended=ended, is_evidence=evidence)
        for session, worker, began, ended, evidence in host.rows(_INTERRUPTIONS)
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


def incoming(installation: Installation) -> list[str]:
    """Return what is only on its way to its place in a media folder, on any host.

    Where a web host may be killed, what it was sent stays there until it is old.
    """
    pattern = "session_*" if installation.leaves_some_to_the_cleanup else "*"
    return [
        path.name
        for host in installation.hosts
        for path in (host.media_folder / "incoming").glob(pattern)
    ]


def swept(host: Playground) -> list[str]:
    """Let a host clean up, without regard to age, and return what went."""
    return _said(host, _SWEEP)


def orphans(host: Playground) -> list[str]:
    """Return what the project itself takes for orphans."""
    return _said(host, _ORPHANS)


def _said(host: Playground, code: str) -> list[str]:
    return list(json.loads(host.command("shell", "-v0", "-c", code).splitlines()[-1]))


def strays(installation: Installation) -> tuple[str, ...]:
    """Return the processes that were started by a host and are no part of it any more."""
    families = {
        process
        for host in installation.hosts
        for process in (host.supervisor, *host.supervisor.children(recursive=True))
    }
    found = []
    for process in psutil.process_iter():
        # Others' may not be asked, and any may end while it is.
        with contextlib.suppress(psutil.Error, OSError):
            state = process.environ().get("EXOPLANET_STATE_DIR", "")
            if process not in families and state.startswith(f"{installation.folder}/"):
                found.append(f"{process.pid} ({' '.join(process.cmdline()[:4])})")
    return tuple(found)


def store(installation: Installation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what lies there, or on a host, and no row names, and what is named and missing."""
    lying = installation.kept()
    (host, *_) = installation.hosts
    named = {str(row[0]) for row in host.rows(_NAMED)}
    here = {name for host in installation.hosts for name in _here(host)}
    sessions = {str(row[0]) for row in host.rows("SELECT id FROM sessions_app_session")}
    unnamed = (lying - named) | {
        name for name in here - named if name.rsplit("/", 1)[-1] not in sessions
    }
    return tuple(sorted(unnamed)), tuple(sorted(named - lying))


def _here(host: Playground) -> Iterator[str]:
    """Yield the names of a host's copies, and of what it only writes."""
    cache = host.folder / "state" / "cache"
    yield from (str(path.relative_to(cache)) for path in cache.glob("*/*"))
    yield from (f"incoming/{path.name}" for path in (host.media_folder / "incoming").glob("*"))

"""The admin's first page: how the place runs, and the way to everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils.http import urlencode

from mlcore.in_words import counted
from sessions_app.admin.drawn import bytes_in_words, link, moment, seconds_in_words
from sessions_app.admin.sheets import Fact, Grid
from sessions_app.lifecycle import Status
from sessions_app.models import SessionKind
from sessions_app.selectors.operations import dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from sessions_app.selectors.operations import Dashboard, Stage

__all__ = ["index"]

_NEWEST_DEEDS = 6
_KINDS = {
    SessionKind.TRAINING: "Trainings",
    SessionKind.PREDICTION: "Predictions",
    SessionKind.ANALYSIS: "Analyses",
}


def index(request: HttpRequest) -> HttpResponse:
    """Show the dashboard to whoever may see sessions, and what they may see to everybody."""
    shown: dict[str, Any] = {}
    if request.user.has_perm("sessions_app.view_trainingsession"):
        board = dashboard()
        shown = {
            "problems": board.health.problems,
            "warnings": board.health.warnings,
            "queue": list(_queue(board)),
            "grids": [
                _hosts(board),
                _states(board),
                _days(board),
                _reasons(board),
                _stages(board),
                _rooms(board),
                *([_deeds()] if request.user.has_perm("admin.view_logentry") else []),
            ],
        }
    return admin.site.index(request, shown)


def _queue(board: Dashboard) -> Iterator[Fact]:
    queue = board.health.queue
    if queue is None:
        return
    waits = seconds_in_words(queue.oldest_seconds) if queue.waiting else "nobody waits"
    yield "Longest wait", waits
    yield "Waiting", f"{queue.waiting:,}"
    yield "Running", f"{queue.busy:,} on {counted(queue.workers, 'worker')}"
    gathering = f"{queue.evidence_busy:,} on {counted(queue.evidence_workers, 'worker')}"
    yield "Gathering evidence", f"{gathering}, {queue.evidence_waiting:,} waiting"
    yield "Reapers", f"{queue.reapers:,}"


def _hosts(board: Dashboard) -> Grid:
    rows = [
        (
            host.name,
            "yes" if host.is_supervised else "no",
            f"{host.busy:,} of {host.workers:,}",
            f"{host.evidence_busy:,} of {host.evidence_workers:,}",
            f"{host.reapers:,}",
        )
        for host in board.health.hosts
    ]
    columns = ("Host", "Supervised", "Workers busy", "Gatherers busy", "Reapers")
    return Grid(title="Hosts", columns=columns, rows=rows, none="No host is present.")


def _states(board: Dashboard) -> Grid:
    rows = []
    for kind, words in _KINDS.items():
        counts = board.counts[kind]
        cells = [_counted(counts[status], _list(kind, status__exact=status)) for status in Status]
        rows.append((link(_list(kind), words), *cells))
    gathered = (f"{board.gathered[status]:,}" for status in Status)
    rows.append(("Evidence, in the background", *gathered))
    columns = ("Sessions", *(status.label.capitalize() for status in Status))
    return Grid(title="Sessions by state", columns=columns, rows=rows)


def _days(board: Dashboard) -> Grid:
    rows = [
        (
            f"{day.date:%a %-d %b}",
            f"{day.total:,}",
            *(f"{day.counts[status]:,}" for status in Status),
        )
        for day in board.days
    ]
    columns = ("Day", "All", *(status.label.capitalize() for status in Status))
    return Grid(title="Sessions by day, as they stand now", columns=columns, rows=rows)


def _reasons(board: Dashboard) -> Grid:
    rows = [
        (
            link(
                _list(one.kind, status__exact=Status.FAILED, error__startswith=one.begins),
                one.sentence or "no reason was written",
            ),
            _KINDS[SessionKind(one.kind)],
            f"{one.count:,}",
        )
        for one in board.reasons
    ]
    return Grid(
        title=f"Reasons of the newest {board.failures:,} failures",
        columns=("Reason", "Of", "Sessions"),
        rows=rows,
        none="No session has failed.",
    )


def _stages(board: Dashboard) -> Grid:
    progress = reverse("admin:sessions_app_progressentry_changelist")
    rows = [
        (
            link(f"{progress}?{urlencode(_reports(one))}", one.name),
            _KINDS[SessionKind(one.kind)],
            f"{one.count:,}",
            seconds_in_words(one.median),
            seconds_in_words(one.longest),
        )
        for one in board.stages
    ]
    return Grid(
        title="Slowest stages of late",
        columns=("Stage", "Of", "Times", "Median", "Longest"),
        rows=rows,
        none="No session has reported.",
    )


def _reports(stage: Stage) -> dict[str, str]:
    return {"step__startswith": stage.name, "id__gte": str(stage.since)}


def _rooms(board: Dashboard) -> Grid:
    rows = [(one.name, bytes_in_words(one.used), bytes_in_words(one.free)) for one in board.rooms]
    return Grid(title="Room", columns=("Place", "Used", "Free"), rows=rows)


def _deeds() -> Grid:
    newest = LogEntry.objects.select_related("user", "content_type").order_by("-pk")
    address = reverse("admin:admin_logentry_changelist")
    rows = [
        (
            moment(entry.action_time),
            str(entry.user),
            f"{entry.object_repr}: {entry.get_change_message() or entry.get_action_flag_display()}",
        )
        for entry in newest[:_NEWEST_DEEDS]
    ]
    if rows:
        rows.append((link(address, "All of them"), "", ""))
    columns = ("When", "Who", "What")
    return Grid(title="Who did what", columns=columns, rows=rows, none="Nobody has done anything.")


def _list(kind: str, **chosen: str) -> str:
    address = reverse(f"admin:sessions_app_{kind}session_changelist")
    return f"{address}?{urlencode(chosen)}" if chosen else address


def _counted(count: int, address: str) -> str:
    return link(address, f"{count:,}") if count else "0"

"""A session's page: what happened to it, what was asked for, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from sessions_app.access.ownership import ANONYMOUS, USER
from sessions_app.admin.drawn import (
    NOTHING,
    bytes_in_words,
    drawn,
    folded,
    link,
    moment,
    seconds_in_words,
)
from sessions_app.admin.sheets import Fact, Grid, Link, Sheet
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, Attempt, SessionKind, UploadedFile
from sessions_app.selectors.timeline import timeline
from sessions_app.web.tables.analyses import answer_in_words, answer_tables
from sessions_app.web.tables.reading import reading_tables
from sessions_app.web.tables.sessions import figures_of, session_facts, testing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.models import Session

__all__ = ["owner_of", "session_links", "session_sheets"]

_MOST_ANALYSES = 20
_MOST_ATTEMPTS = 20


def session_links(session: Session) -> Iterator[Link]:
    """Yield the ways from a session's page in the admin to others."""
    yield Link(address=reverse("session", args=[session.pk]), words="The user's page")
    progress = reverse("admin:sessions_app_progressentry_changelist")
    query = urlencode({"session__id__exact": session.pk})
    yield Link(address=f"{progress}?{query}", words="Progress reports")
    if session.kind != SessionKind.ANALYSIS:
        name = f"admin:sessions_app_{session.kind}session_predictions"
        yield Link(address=reverse(name, args=[session.pk]), words="Predictions")
        reviews = reverse("admin:sessions_app_objectreview_changelist")
        query = urlencode({"session_id__exact": session.pk})
        yield Link(address=f"{reviews}?{query}", words="Reviews")


def session_sheets(session: Any) -> Iterator[Sheet]:
    """Yield the parts of a session's page."""
    yield Sheet(title="Where it stands", facts=_standing(session))
    yield _timeline(session)
    yield Sheet(title="Settings", facts=_settings(session))
    if session.kind == SessionKind.ANALYSIS:
        yield from _answer(session)
    elif "measurement" in (session.report or {}):
        yield from _result(session)
    if session.kind != SessionKind.ANALYSIS:
        yield _files(session)
    yield _attempts(session)
    if readings := list(reading_tables(session.reading)):
        yield Sheet(title="How the files were read", tables=readings, is_folded=True)
    if session.model:
        yield Sheet(title="Model", text=drawn(session.model), is_folded=True)
    if card := getattr(session, "card", None):
        shown = render_to_string("model_card.html", {"card": card})
        yield Sheet(title="Model card", text=shown, is_folded=True)
    if session.kind != SessionKind.ANALYSIS:
        yield _analyses(session)


def _standing(session: Any) -> Iterator[Fact]:
    yield "Id", str(session.pk)
    yield "Status", session.get_status_display()
    if session.newest_percent is not None and session.status not in {
        Status.COMPLETED,
        Status.FAILED,
    }:
        yield "Progress", f"{session.newest_percent:.0f} % ({session.newest_step})"
    if session.error:
        yield "Why it ended", drawn(session.error)
    if session.traceback:
        trace = format_html("<pre>{}</pre>", session.traceback)
        yield "Traceback", folded("Show it", trace)
    if session.mark:
        yield "Mark", session.mark
    if session.kind == SessionKind.TRAINING:
        yield "Published", drawn(session.published)
    yield "Owner", owner_of(session)
    if session.warnings:
        yield "Warnings", drawn(session.warnings)
    yield "Attempts", str(session.attempts)
    yield "Processor time", seconds_in_words(session.cpu_seconds)
    yield "Memory at its peak", bytes_in_words(session.peak_memory_bytes)
    if session.in_background:
        yield "In the background", "yes: nobody waits for it"
    if session.waits_for_evidence:
        yield "Completes", "only when what deepens its first answer is there too"


def owner_of(session: Session) -> str:
    """Return whose a session is, in words."""
    if session.owner is not None:
        address = reverse("admin:auth_user_change", args=[session.owner.pk])
        return link(address, session.owner.get_username())
    if session.owner_key.startswith(USER):
        return "a user whose account is gone"
    if session.owner_key.startswith(ANONYMOUS):
        return "somebody without an account, by a cookie"
    return "somebody without an account" if session.owner_key else "the server"


def _timeline(session: Session) -> Sheet:
    rows = [(one.what, moment(one.at), seconds_in_words(one.seconds)) for one in timeline(session)]
    return Sheet(
        title="Timeline",
        grids=[Grid(title="What happened when", columns=("What", "Since", "For"), rows=rows)],
    )


def _settings(session: Any) -> list[Fact]:
    facts = [(name[:1].upper() + name[1:], value) for name, value in session_facts(session)]
    if session.second_opinion:
        facts.append(("Second opinion", drawn(session.second_opinion)))
    asked = session.mapping or {}
    mapping = {name: asked[name] for name in ("columns", "label", "label_words") if asked.get(name)}
    if mapping:
        facts.append(("What the request says of headings", drawn(mapping)))
    if session.kind == SessionKind.TRAINING:
        facts.append(("Ways of testing", drawn(session.protocols)))
    if session.kind == SessionKind.PREDICTION:
        model = session.published_model
        address = reverse("admin:sessions_app_trainingsession_change", args=[model.pk])
        facts.append(("Model", link(address, str(model))))
    if session.kind == SessionKind.ANALYSIS:
        facts.append(("Of", link(_change_page(session.of), str(session.of))))
        facts.append(("Object", drawn(session.object_number)))
    tables = [("Snapshot", session.snapshot), ("Reference", session.reference)]
    tables += [("Catalogue", table) for table in session.catalogues.order_by("mission")]
    for name, table in tables:
        if table is not None:
            address = reverse("admin:sessions_app_datasetsnapshot_change", args=[table.pk])
            facts.append((name, link(address, str(table))))
    return facts


def _result(session: Any) -> Iterator[Sheet]:
    figures, tested = figures_of(session.report), testing_of(session.report)
    yield Sheet(
        title="Figures",
        about=figures["measured_on"]
        or "None of its objects has a disposition that the model tells apart.",
        tables=figures["tables"][:2] if figures["measured_on"] else [],
    )
    more = [
        *(figures["tables"][2:] if figures["measured_on"] else figures["tables"]),
        *tested["tables"],
        *filter(None, [tested["leaderboard"]]),
        *tested["second_opinion"],
    ]
    if more:
        yield Sheet(title="More figures", tables=more, is_folded=True)


def _answer(session: Any) -> Iterator[Sheet]:
    answer = answer_in_words(session)
    if not answer:
        return
    yield Sheet(
        title="Answer",
        about=answer.get("meaning", ""),
        text=drawn(answer.get("sentences")),
    )
    if tables := list(answer_tables(answer)):
        yield Sheet(title="Answer in tables", tables=tables, is_folded=True)


def _files(session: Session) -> Sheet:
    files = UploadedFile.objects.filter(session=session).order_by("purpose")
    rows = [
        (
            link(reverse("admin:sessions_app_uploadedfile_change", args=[file.pk]), file.name),
            file.get_purpose_display(),
            f"{file.rows:,}",
            bytes_in_words(file.size),
        )
        for file in files
    ]
    grid = Grid(
        title="Files",
        columns=("Name", "For", "Rows", "Size"),
        rows=rows,
        none="Nobody sent a file for it: its rows are a snapshot's.",
    )
    return Sheet(title="Files", grids=[grid])


def _attempts(session: Session) -> Sheet:
    attempts = Attempt.objects.filter(session=session).order_by("-number")[:_MOST_ATTEMPTS]
    rows = [
        (
            str(attempt.number),
            attempt.get_ending_display() or "running",
            attempt.worker or NOTHING,
            moment(attempt.started_at),
            seconds_in_words(
                (attempt.ended_at - attempt.started_at).total_seconds()
                if attempt.ended_at
                else None
            ),
            seconds_in_words(attempt.cpu_seconds),
            bytes_in_words(attempt.peak_memory_bytes),
            _why(attempt),
        )
        for attempt in attempts
    ]
    columns = ("Number", "Ended", "By", "Since", "For", "Processor", "Memory", "Why")
    grid = Grid(title="Attempts", columns=columns, rows=rows, none="No worker has begun with it.")
    return Sheet(title="Attempts", grids=[grid])


def _why(attempt: Attempt) -> str:
    if not attempt.traceback:
        return attempt.error or NOTHING
    trace = format_html("<pre>{}</pre>", attempt.traceback)
    return format_html("{} {}", attempt.error, folded("Traceback", trace))


def _analyses(session: Session) -> Sheet:
    analyses = AnalysisSession.objects.filter(of=session).order_by("-created_at")
    listed = analyses.defer("report", "model", "reading", "answer")[:_MOST_ANALYSES]
    rows = [
        (
            link(_change_page(one), one.get_analysis_display()),
            drawn(one.object_number),
            one.get_status_display(),
            moment(one.created_at),
        )
        for one in listed
    ]
    columns = ("Analysis", "Object", "Status", "Asked for")
    grid = Grid(title="Analyses", columns=columns, rows=rows, none="Nothing was asked about it.")
    return Sheet(title="Analyses", grids=[grid], is_folded=len(rows) > 5)


def _change_page(session: Session) -> str:
    return reverse(f"admin:sessions_app_{session.kind}session_change", args=[session.pk])

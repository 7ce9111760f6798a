"""A session's result told whole: as a page to print, and as one file without any address in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe

from mlcore.datasets import CLASSES
from mlcore.tasks import PLANET, find_task
from sessions_app.files.results import ORDERS, objects_of
from sessions_app.plots.drawing import PictureFormat, drawn
from sessions_app.plots.of_session import SESSION_PLOTS, session_plots
from sessions_app.selectors.session_titles import plain_title, session_title
from sessions_app.web.formatting import NOTHING, percent, words
from sessions_app.web.glossary import GLOSSARY
from sessions_app.web.tables.meaning import headline_of, meaning_of, verdict_counts
from sessions_app.web.tables.objects import verdict
from sessions_app.web.tables.sessions import (
    figures_of,
    session_facts,
    settings_of,
    testing_of,
)
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.models import Session

__all__ = ["REPORT_POLICY", "report_file", "report_of", "report_plots", "words_used"]

REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the file may do where a browser shows it: nothing, in its own style."""

_DRAWN = (
    "probes",
    "roc",
    "precision-recall",
    "reliability",
    "importance",
    "slices",
    "search",
)
"""The plots that say all that they say without being touched."""
_WIDTH = 700
_FOLLOWED_UP = 25
_NAMESPACE = re.compile(r' xmlns(:xlink)?="[^"]*"')
_PLANET = CLASSES.index(PLANET)
_STYLE = "sessions_app/report.css"


def report_of(session: Session) -> dict[str, Any]:
    """Return all that a report of a completed session tells, but for its plots and its glossary.

    Refused with 410 where the result's file is gone.
    """
    report = session.report or {}
    return {
        "session": session,
        "title": session_title(session),
        "subtitle": plain_title(session),
        "mark": session.mark,
        "report": report,
        "headline": headline_of(report),
        "meaning": meaning_of(session),
        "verdicts": verdict_counts(session),
        **figures_of(report),
        **{f"tested_{name}": part for name, part in testing_of(report).items()},
        "facts": session_facts(session),
        "needed": settings_of(report)["needed"],
        "follow_up": _follow_up(session),
        "provenance": _provenance(session),
    }


def report_plots(session: Session) -> list[dict[str, Any]]:
    """Return the plots of a report, and where each is."""
    return [
        {
            "plot": plot,
            "address": reverse(f"{session.kind}-session-plot", args=[session.pk, plot.name]),
        }
        for plot in session_plots(session)
        if plot.name in _DRAWN
    ]


def report_file(session: Session) -> Iterator[bytes]:
    """Yield a report of a completed session as one HTML file."""
    told = report_of(session) | {
        "style": _style(),
        "plots": [_inline(session, part["plot"].name) for part in report_plots(session)],
    }
    body = render_to_string("report_body.html", told)
    page = told | {"body": body, "glossary": words_used(body)}
    yield render_to_string("report.html", page).encode()


def words_used(body: str) -> list[Any]:
    """Return the entries of the glossary whose words a text uses."""
    text = re.sub(r"<[^>]+>", " ", body).lower()
    return [entry for entry in GLOSSARY if entry.word.lower() in text]


def _inline(session: Session, name: str) -> dict[str, Any]:
    plot = SESSION_PLOTS[name].draw(session, session.report or {}, {})
    picture = drawn(plot, PictureFormat.SVG, width=_WIDTH).decode()
    # Within a page no namespace is needed, and it would be an address.
    picture = _NAMESPACE.sub("", picture)
    return {"title": plot.title, "about": plot.about, "picture": mark_safe(picture)}  # noqa: S308 - our own


def _style() -> str:
    path = Path(str(finders.find(_STYLE)))
    return mark_safe(path.read_text(encoding="utf-8"))  # noqa: S308 - our own


def _follow_up(session: Session) -> WordTable | None:
    """Return the head of the follow-up list; None where the task ranks nothing."""
    if not find_task(session.task).ranked:
        return None
    objects = objects_of(session).ordered(ORDERS["follow_up"])[:_FOLLOWED_UP]
    listed = [row for row in objects if row.follow_up_rank is not None]
    if not listed:
        return None
    return WordTable(
        title="Whom to follow up first",
        about=f"The first {len(listed)} of what is undecided, the likeliest planet first.",
        columns=("Object", "Place", "Host star", "The model says", "Planet", "The catalogue says"),
        rows=[
            Row(
                row.name,
                str(row.follow_up_rank),
                row.host,
                verdict(row),
                percent(row.probabilities[_PLANET]),
                words(row.actual) if row.actual else "nothing",
            )
            for row in listed
        ],
    )


def _provenance(session: Session) -> list[tuple[str, str]]:
    """Return what a result can be repeated from."""
    model, snapshot = session.model or {}, session.snapshot
    told = [("Session", str(session.pk)), ("Seed", str(session.seed))]
    times = (
        ("Asked for", session.created_at),
        ("Begun", session.started_at),
        ("Completed", session.finished_at),
    )
    told += [(name, f"{at:%-d %B %Y, %H:%M:%S} UTC") for name, at in times if at]
    if snapshot is not None:
        told += [
            ("Table", f"{snapshot}, from the {snapshot.source}"),
            ("SHA-256 of the table", snapshot.sha256),
            ("SHA-256 of the table as it was kept", snapshot.file_sha256),
        ]
    told += [(f"SHA-256 of {file.name}", file.sha256) for file in session.files.all()]
    told += [
        ("Rows trained on", str(model.get("train_rows", NOTHING))),
        ("Rows tested", str(model.get("test_rows", NOTHING))),
    ]
    return [*told, *((name, str(version)) for name, version in model.get("versions", {}).items())]

"""A visitor's sessions as their page lists them, and what asks for some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from sessions_app.lifecycle import Status
from sessions_app.models import Session, SessionKind
from sessions_app.models.snapshot import session_mission_choices
from sessions_app.selectors.session_titles import session_title
from sessions_app.selectors.sessions import with_newest_progress
from sessions_app.web.formatting import NOTHING, duration, figure, figure_of
from sessions_app.web.tables.listed import Listed, ListedTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

__all__ = ["OwnSessionsFilter", "session_table"]

_NEWEST_FIRST = "-started"
_ORDERS = {
    "name": ("name", "pk"),
    "status": ("status", "pk"),
    "took": ("took", "pk"),
    "started": ("created_at", "pk"),
}
"""By what the list can be sorted: what a heading is called, and what that is in the database."""
_MAIN_FIGURE = "roc_auc"


class OwnSessionsFilter(django_filters.FilterSet):
    """Which of their sessions somebody looks at."""

    search = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", label="Name has", max_length=80
    )
    kind = django_filters.ChoiceFilter(
        label="Kind", choices=SessionKind.choices, empty_label="any kind"
    )
    status = django_filters.ChoiceFilter(
        label="Status", choices=Status.choices, empty_label="any status"
    )
    mission = django_filters.ChoiceFilter(
        label="Mission", choices=session_mission_choices, empty_label="any mission"
    )
    sort = django_filters.ChoiceFilter(
        label="Order",
        method="in_order",
        empty_label=None,
        choices=[
            ("-started", "newest first"),
            ("started", "oldest first"),
            ("name", "by name"),
            ("-name", "by name, turned round"),
            ("status", "by status"),
            ("-status", "by status, turned round"),
            ("-took", "longest first"),
            ("took", "shortest first"),
        ],
        widget=forms.HiddenInput,
    )

    class Meta:
        """Nothing but what is declared above."""

        model = Session
        fields: Sequence[str] = []

    @property
    def order(self) -> str:
        """The order that is asked for."""
        return (self.form.cleaned_data.get("sort") if self.form.is_valid() else "") or _NEWEST_FIRST

    @property
    def asked(self) -> bool:
        """Whether anything but an order is asked for."""
        return any(self.form[name].value() for name in ("search", "kind", "status", "mission"))

    def in_order(self, sessions: QuerySet[Any], _name: str, _asked: str) -> QuerySet[Any]:
        """Leave the order to `listed`, which has one where nobody asks for any."""
        return sessions

    def listed(self) -> QuerySet[Any]:
        """Return the sessions that fit in their order, with all that the list shows of them."""
        sort = self.order
        expressions = []
        for name in _ORDERS[sort.removeprefix("-")]:
            column = F("finished_at") - F("started_at") if name == "took" else F(name)
            turned = sort.startswith("-")
            expressions.append(
                column.desc(nulls_last=True) if turned else column.asc(nulls_last=True)
            )
        return (
            with_newest_progress(self.qs)
            .order_by(*expressions)
            .select_related("trainingsession", "predictionsession", "analysissession")
            .prefetch_related("files")
            .defer(
                "report",
                "model",
                "reading",
                "traceback",
                "trainingsession__card",
                "analysissession__answer",
            )
        )


def session_table(sessions: Sequence[Any], *, sort: str) -> ListedTable:
    """Return some sessions as a table."""
    return ListedTable(
        [_cells(session) for session in sessions],
        {
            "name": Listed("Session"),
            "question": Listed("Question", sorts=False),
            "files": Listed("Rows", sorts=False),
            "figure": Listed("ROC-AUC", sorts=False, amount=True),
            "took": Listed("Took", amount=True, largest_first=True),
            "status": Listed("Status"),
            "started": Listed("Started", largest_first=True),
            "actions": Listed("Actions", sorts=False),
        },
        title="Sessions",
        sort=sort,
    )


def _cells(session: Any) -> dict[str, Any]:
    took = session.started_at and session.finished_at and session.finished_at - session.started_at
    title = session_title(session)
    actions = [("Rename", "session_name")]
    if session.status == Status.COMPLETED and session.kind != SessionKind.ANALYSIS:
        actions.append(("Report", "session_report"))
    if session.status in {Status.COMPLETED, Status.FAILED, Status.CANCELLED}:
        actions.append(("Delete", "session_delete"))
    return {
        "name": render_to_string("session_name.html", {"session": session}),
        "question": session.get_task_display(),
        "files": ", ".join(file.name for file in session.files.all())
        or session.get_data_source_display(),
        "figure": figure(figure_of(session.metrics, _MAIN_FIGURE)),
        "took": duration(took) if took else NOTHING,
        "status": render_to_string("session_status.html", {"session": session}),
        "started": format_html(
            '<time datetime="{}">{}</time>',
            session.created_at.isoformat(timespec="seconds"),
            f"{session.created_at:%-d %b %Y, %H:%M}",
        ),
        "actions": render_to_string(
            "session_actions.html",
            {
                "title": title,
                "actions": [
                    (word, reverse(name, args=[session.pk]), name == "session_name")
                    for word, name in actions
                ],
                "session": session,
            },
        ),
    }

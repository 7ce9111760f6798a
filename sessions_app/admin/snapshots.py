"""The missions' tables in the admin: what changed between two, and loading one again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from mlcore.datasets import DATASETS
from sessions_app import services
from sessions_app.admin.drawn import NOTHING, drawn, folded
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.admin.sheets import Grid, Link, Sheet
from sessions_app.exceptions import RefusedError
from sessions_app.models import DatasetSnapshot, SnapshotLoad
from sessions_app.selectors.snapshot_differences import differences
from sessions_app.services.reloading import underway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern

    from mlcore.datasets import Disposition
    from sessions_app.selectors.snapshot_differences import SnapshotDifferences

_MOST_LISTED = 500
"""Objects of each list of differences; the others are counted."""


class _CompareForm(forms.Form):
    """With which other snapshot of the mission one is compared."""

    other = forms.ModelChoiceField(
        label="Compare with", queryset=DatasetSnapshot.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, snapshot: DatasetSnapshot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = DatasetSnapshot.objects.filter(mission=snapshot.mission).exclude(pk=snapshot.pk)
        field: Any = self.fields["other"]
        field.queryset = others.order_by("-loaded_at")
        field.label_from_instance = lambda one: f"{one}, loaded {one.loaded_at:%-d %B %Y}"


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(ReadOnlyAdmin):
    """The missions' tables."""

    list_display = ["mission", "is_current", "dated", "source", "rows", "test_rows", "loaded_at"]
    list_filter = ["mission", "is_current", "source"]
    search_fields = ["sha256", "source_description", "mission"]
    change_list_template = "admin/snapshots.html"
    change_form_template = "admin/snapshot.html"

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of loading a table again before the admin's own."""
        view = self.admin_site.admin_view
        name = "sessions_app_datasetsnapshot"
        return [
            path("reload/<slug:mission>/", view(self.reload_view), name=f"{name}_reload"),
            path("loads/<int:load_id>/", view(self.load_view), name=f"{name}_load"),
            *super().get_urls(),
        ]

    def may_reload(self, request: HttpRequest) -> bool:
        """Whether this operator may have a table loaded again."""
        return bool(request.user.has_perm("sessions_app.add_datasetsnapshot"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = {
            "missions": list(DATASETS.values()) if self.may_reload(request) else [],
            "loads": underway().order_by("-pk"),
        }
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    def reload_view(self, request: HttpRequest, mission: str) -> HttpResponseBase:
        """Let a worker load a mission's table again, and show how far it is."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.may_reload(request):
            raise PermissionDenied
        try:
            load = services.ask_to_reload(mission, by=request.user.pk)
        except RefusedError as refusal:
            self.message_user(request, refusal.sentence, messages.WARNING)
            return redirect("admin:sessions_app_datasetsnapshot_changelist")
        return redirect("admin:sessions_app_datasetsnapshot_load", load.pk)

    def load_view(self, request: HttpRequest, load_id: int) -> HttpResponse:
        """Show how far a load is, and what came of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        load = SnapshotLoad.objects.select_related("snapshot").filter(pk=load_id).first()
        if load is None:
            raise Http404(f"There is no load {load_id}.")
        is_underway = underway().filter(pk=load.pk).exists()
        return TemplateResponse(
            request,
            "admin/load.html",
            {
                **self.admin_site.each_context(request),
                "title": f"{str(load).capitalize()} again",
                "opts": self.opts,
                "load": load,
                "is_underway": is_underway,
                "is_lost": not is_underway and load.finished_at is None,
            },
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        form = _CompareForm(request.GET or None, snapshot=context["original"])
        context["compare"] = form if form.fields["other"].queryset.exists() else None  # type: ignore[attr-defined]
        return super().render_change_form(request, context, *args, **kwargs)

    def links(self, request: HttpRequest, record: DatasetSnapshot) -> Iterator[Link]:
        kinds = {"trainingsession": "Trainings on it", "predictionsession": "Predictions of it"}
        for kind, words in kinds.items():
            address = reverse(f"admin:sessions_app_{kind}_changelist")
            yield Link(address=f"{address}?snapshot__id__exact={record.pk}", words=words)

    def sheets(self, request: HttpRequest, record: DatasetSnapshot) -> Iterator[Sheet]:
        other = self._other(request, record)
        if other is not None:
            yield from _differences(record, other)
        dataset = DATASETS[record.mission]
        facts = [
            ("Mission", dataset.title),
            ("Current", "yes: new sessions use it" if record.is_current else "no"),
            ("Rows", f"{record.rows:,}"),
            ("Rows of the fixed test split", f"{record.test_rows:,}"),
            *(
                (f"Of them {label.replace('_', ' ')}", f"{count:,}")
                for label, count in record.label_counts.items()
            ),
            ("Data of", drawn(record.dated)),
            ("Loaded", drawn(record.loaded_at)),
            ("From", f"{record.get_source_display()}: {record.source_description}"),
            ("SHA-256 of the source", record.sha256),
            ("Stored as", str(record.file.name)),
        ]
        yield Sheet(title="Table", facts=facts)
        rows = [
            (name, column.meaning, column.unit or NOTHING, str(column.role))
            for name in record.columns
            if dataset.knows(name)
            for column in [dataset.column(name)]
        ]
        grid = Grid(title="Columns", columns=("Column", "Meaning", "Unit", "For"), rows=rows)
        yield Sheet(title=f"{len(rows)} columns", grids=[grid], is_folded=True)

    def _other(self, request: HttpRequest, record: DatasetSnapshot) -> DatasetSnapshot | None:
        form = _CompareForm(request.GET or None, snapshot=record)
        return form.cleaned_data["other"] if form.is_valid() else None


def _differences(snapshot: DatasetSnapshot, other: DatasetSnapshot) -> Iterator[Sheet]:
    older, newer = sorted((snapshot, other), key=lambda one: (str(one.dated or ""), one.loaded_at))
    title = "Differences"
    try:
        found = differences(older, newer)
    except RefusedError as refusal:
        yield Sheet(title=title, about=refusal.sentence)
        return
    yield Sheet(
        title=title,
        about=f"From {older} to {newer}.",
        facts=[
            ("New objects", f"{len(found.added):,}"),
            ("Gone objects", f"{len(found.removed):,}"),
            ("With another disposition", f"{len(found.changed):,}"),
            ("As they were", f"{found.unchanged:,}"),
        ],
        grids=[_moves(found)],
        text=_lists(found),
    )


def _moves(found: SnapshotDifferences) -> Grid:
    return Grid(
        title="Changed dispositions",
        columns=("From", "To", "Objects"),
        rows=[
            (_called(before), _called(after), f"{count:,}")
            for (before, after), count in found.moves.items()
        ],
        none="No object has another disposition.",
    )


def _lists(found: SnapshotDifferences) -> str:
    changed = [f"{one.name}: {_called(one.before)} → {_called(one.after)}" for one in found.changed]
    lists = {
        "changed": changed,
        "new": [f"{one.name}: {_called(one.disposition)}" for one in found.added],
        "gone": [f"{one.name}: {_called(one.disposition)}" for one in found.removed],
    }
    return format_html_join(
        "",
        "{}",
        ((folded(f"Which are {what}", _listed(names)),) for what, names in lists.items() if names),
    )


def _listed(names: list[str]) -> str:
    shown = [*names[:_MOST_LISTED]]
    if len(names) > len(shown):
        shown.append(f"and {len(names) - len(shown):,} more")
    return format_html(
        '<ul class="names">{}</ul>', format_html_join("", "<li>{}</li>", ((n,) for n in shown))
    )


def _called(disposition: Disposition | None) -> str:
    return "no disposition" if disposition is None else disposition.words

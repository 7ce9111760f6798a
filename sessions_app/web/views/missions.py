"""The pages of a mission: its rows, its columns, its snapshots, and what changed between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mlcore.datasets import DATASETS
from sessions_app.exceptions import RefusedError
from sessions_app.models import DatasetSnapshot
from sessions_app.selectors import current_snapshots
from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of, verdict_model
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.context import step
from sessions_app.web.requests import asks_for_part, refused
from sessions_app.web.tables.mission_columns import column_tables
from sessions_app.web.tables.mission_rows import MissionRowsForm, mission_table
from sessions_app.web.tables.snapshots import (
    DifferencesForm,
    differences_listed,
    moves_table,
    snapshot_table,
)

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_TABS = (
    ("mission", "Objects", ("mission",)),
    ("mission_columns", "Columns", ("mission_columns",)),
    ("mission_snapshots", "Snapshots", ("mission_snapshots", "mission_differences")),
)
"""The address, the title, and the addresses that belong to it."""
_PAGE = 50


@require_safe
def rows(request: HttpRequest, mission: str) -> HttpResponse:
    """Show a mission's rows, as they are asked for; to htmx the rows alone."""
    snapshot = _current(mission)
    dataset = DATASETS[mission]
    form = MissionRowsForm(
        request.GET, dataset=dataset, known=columns_of(snapshot), model=verdict_model(mission)
    )
    page = None
    if form.is_valid():
        try:
            page = rows_of(snapshot, **form.asked())
        except RefusedError as refusal:
            form.refuse(refusal)
    shown = _shown(request, mission) | {
        "form": form,
        "page": page,
        "table": page and mission_table(page, dataset, sort=form.cleaned_data["sort"]),
        "model_title": page and page.model and model_title(page.model),
        "snapshot": snapshot,
        "kept": _kept(request, "page"),
        # The choice of columns keeps what else is asked for.
        "others": [
            (name, values)
            for name, values in request.GET.lists()
            if name not in {"columns", "sort", "page"}
        ],
    }
    template = "mission_rows.html" if asks_for_part(request) else "mission.html"
    response = render(request, template, shown, status=200 if page else 400)
    # One address has two answers.
    response["Vary"] = "HX-Request-Type"
    return response


@require_safe
def columns(request: HttpRequest, mission: str) -> HttpResponse:
    """Show what each column of a mission's table is, and how many rows have a value."""
    snapshot = _current(mission)
    shown = {"tables": column_tables(columns_of(snapshot)), "snapshot": snapshot}
    return render(request, "mission_columns.html", _shown(request, mission) | shown)


@require_safe
def snapshots(request: HttpRequest, mission: str) -> HttpResponse:
    """List a mission's snapshots."""
    loaded = _loaded(mission)
    shown = {
        "table": snapshot_table(loaded),
        "form": DifferencesForm(None, snapshots=loaded) if len(loaded) > 1 else None,
    }
    return render(request, "mission_snapshots.html", _shown(request, mission) | shown)


@require_safe
def differences(request: HttpRequest, mission: str) -> HttpResponse:
    """Show what became of a mission's objects between two of its snapshots."""
    loaded = _loaded(mission)
    form = DifferencesForm(request.GET, snapshots=loaded)
    shown = _shown(request, mission) | {"form": form}
    shown["trail"].append(step("Snapshots", "mission_snapshots", mission))
    if not form.is_valid():
        return render(request, "mission_differences.html", shown, status=400)
    try:
        found = form.differences()
    except RefusedError as refusal:
        return refused(request, "mission_differences.html", shown, refusal)
    listed = differences_listed(found, form.cleaned_data["show"], mission)
    page = Paginator(listed.rows, _PAGE).get_page(request.GET.get("page"))
    shown |= {
        "found": found,
        "moves": moves_table(found),
        "listed": listed,
        "table": listed.table(list(page)),
        "page": page,
        "kept": _kept(request, "page"),
    }
    return render(request, "mission_differences.html", shown)


def _current(mission: str) -> DatasetSnapshot:
    snapshot = current_snapshots().get(mission)
    if snapshot is None:
        raise Http404
    return snapshot


def _loaded(mission: str) -> list[DatasetSnapshot]:
    """Return a mission's snapshots, the newest data first."""
    loaded = DatasetSnapshot.objects.filter(mission=mission).order_by("-dated", "-loaded_at")
    if mission not in DATASETS or not loaded:
        raise Http404
    return list(loaded)


def _kept(request: HttpRequest, *without: str) -> str:
    kept = request.GET.copy()
    for name in without:
        kept.pop(name, None)
    return kept.urlencode()


def _shown(request: HttpRequest, mission: str) -> dict[str, Any]:
    """Return what the pages of a mission share."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    dataset = DATASETS[mission]
    trail = [step("Explore", "explore")]
    if here != "mission":
        trail.append(step(dataset.title, "mission", mission))
    return {
        "dataset": dataset,
        "tabs": [
            {"title": title, "address": reverse(name, args=[mission]), "here": here in own}
            for name, title, own in _TABS
        ],
        "trail": trail,
    }

"""The pages of the objects of the missions' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mlcore.datasets.described_elsewhere import links_of
from sessions_app.plots.of_catalogue import planes_of
from sessions_app.selectors import at_once
from sessions_app.selectors.catalogue_object import catalogue_object
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.context import step
from sessions_app.web.tables.sheet import sheet_of, summed_up
from sessions_app.web.tables.verdict_card import card_of_listed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mlcore.datasets import Dataset


@require_safe
def one_object(request: HttpRequest, mission: str, name: str) -> HttpResponse:
    """Show an object of a mission's table: the verdict first, then where it lies and its values."""
    # Why and what if are asked for by the page itself, in a moment.
    at_once.warm()
    found = catalogue_object(mission, name)
    if found is None:
        raise Http404
    if found.row.name != name:
        return redirect("catalogue_object", mission, found.row.name)
    dataset = found.dataset
    return render(
        request,
        "catalogue_object.html",
        {
            "found": found,
            "card": card_of_listed(found),
            "model_title": found.model and model_title(found.model),
            "summary": summed_up(dataset, found.values, found.row.host),
            "links": shown_links(dataset, found.row.name, found.row.host),
            "sheet": sheet_of(dataset, found.values),
            "planes": [
                {
                    "title": plot.title,
                    "about": plot.about,
                    "address": reverse(
                        "dataset-object-plot", args=[mission, found.row.name, plot.name]
                    ),
                    "numbers": reverse(
                        "catalogue_object_plot", args=[mission, found.row.name, plot.name]
                    ),
                }
                for plot in planes_of(found)
            ],
            "trail": [step("Explore", "explore"), step(dataset.title, "mission", mission)],
        },
    )


def shown_links(dataset: Dataset, name: str, host: str) -> list[dict[str, Any]]:
    """Return the pages elsewhere about an object, as the template shows them."""
    return [
        {"title": link.title, "note": link.note, "address": address}
        for link, address in links_of(dataset, name, host)
    ]

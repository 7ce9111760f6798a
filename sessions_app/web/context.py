"""What every page knows beside its own: which pages there are, and which of them it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest

_PAGES = (
    (
        "explore",
        "Explore",
        (
            "explore",
            "mission",
            "mission_columns",
            "mission_snapshots",
            "mission_differences",
            "catalogue_object",
        ),
    ),
    ("train", "Train", ("train",)),
    ("predict", "Predict", ("predict", "predict_object")),
    (
        "sessions",
        "My sessions",
        (
            "sessions",
            "session",
            "session_figures",
            "session_plots",
            "session_stars",
            "session_testing",
            "session_settings",
            "session_report",
            "objects",
            "object",
            "compare",
            "compare_plot",
        ),
    ),
    ("models", "Models", ("models", "model")),
)
"""The address, the title, and the addresses that belong to it."""


def pages(request: HttpRequest) -> dict[str, Any]:
    """Return the pages that every page leads to; the template's context processor."""
    match = getattr(request, "resolver_match", None)
    here = match.url_name if match else ""
    return {
        "pages": [
            {"address": reverse(name), "title": title, "here": here in own}
            for name, title, own in _PAGES
        ]
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A page on the way back from another one."""

    title: str
    address: str


def step(title: str, name: str, *args: Any, query: str = "") -> Step:
    """Return a step of the way back, by the name of its address."""
    address = reverse(name, args=args)
    return Step(title=title, address=f"{address}?{query}" if query else address)

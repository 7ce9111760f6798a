"""A plot: a Vega-Lite specification with its data, and the same numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessions_app.plots.theme import CONFIGS, Theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SCHEMA", "Numbers", "Plot", "tips", "vega_lite"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""What the format is called; nothing is loaded from there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """What a plot shows, as a table of words; its first column names the rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    """What the table leaves out of what is drawn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """A picture of numbers."""

    name: str
    """What its address calls it."""
    title: str
    about: str
    """What is drawn, and of which rows, in a sentence or two."""
    spec: Mapping[str, Any]
    """Vega-Lite without title, description, schema and colours, which all plots share."""
    numbers: Numbers


def tips(**titles: str) -> list[dict[str, str]]:
    """Return what is told of a mark that is pointed at: fields, and what each is called."""
    return [{"field": field, "title": title} for field, title in titles.items()]


def vega_lite(plot: Plot, theme: Theme = Theme.LIGHT) -> dict[str, Any]:
    """Return a plot as a whole Vega-Lite specification, with its data."""
    return {
        "$schema": SCHEMA,
        "title": plot.title,
        "description": plot.about,
        **plot.spec,
        "config": CONFIGS[theme],
    }

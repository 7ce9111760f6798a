"""A model card as tables of words, for the pages and the admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CardTable", "figure_in_words", "figure_tables", "probe_rows", "summary_figure"]

_NOT_DEFINED = "not defined"


@dataclass(frozen=True, kw_only=True, slots=True)
class CardTable:
    """The figures on one set of rows."""

    title: str
    about: str
    """Which rows, how many, and how the intervals were made."""
    rows: tuple[tuple[str, str, str], ...]
    """Metric, value, interval."""


def figure_tables(card: Mapping[str, Any]) -> list[CardTable]:
    """Return a table for each set of rows that the model was tested on."""
    return [_table(card, each) for each in card["figures"]]


def probe_rows(card: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return for each probe what it sees and what it reaches."""
    found = []
    for probe in (card["probes"] or {"probes": []})["probes"]:
        measured = probe["measurement"]
        auc = None if measured is None else _figure(measured, "roc_auc")
        value, interval = ("", probe["note"] or "") if auc is None else figure_in_words(auc)
        share = probe["share"]
        found.append(
            {
                "title": probe["title"],
                "meaning": probe["meaning"],
                "value": value,
                "interval": interval,
                "rows": "" if measured is None else str(measured["rows"]),
                "share": "" if share is None else f"{share:.0%}{_bounds(probe)}",
            }
        )
    return found


def _bounds(probe: Mapping[str, Any]) -> str:
    low, high = probe.get("share_low"), probe.get("share_high")
    return " (no interval)" if low is None or high is None else f" ({low:.0%} to {high:.0%})"


def figure_in_words(figure: Mapping[str, Any]) -> tuple[str, str]:
    """Return a figure and its interval."""
    if figure["value"] is None:
        return _NOT_DEFINED, str(figure["note"] or "")
    if figure["low"] is None:
        return f"{figure['value']:.4f}", str(figure["note"] or _NOT_DEFINED)
    return f"{figure['value']:.4f}", f"{figure['low']:.4f} to {figure['high']:.4f}"


def summary_figure(metrics: Mapping[str, Any] | None, name: str) -> str:
    """Return one of a session's main figures with its interval and rows; nothing without any.

    Parameters
    ----------
    metrics
        See `mlcore.evaluation.report.summary`.
    name
        Name of the metric.
    """
    if metrics is None:
        return ""
    for figure in metrics.get("figures", ()):
        if figure["name"] == name and figure["of"] is None:
            value, interval = figure_in_words(figure)
            return f"{value} ({interval}) on {figure['rows']} rows: {figure['split']}"
    return f"{metrics[name]:.4f} (no interval) on {metrics['rows']} rows: {metrics['split']}"


def _table(card: Mapping[str, Any], measured: Mapping[str, Any]) -> CardTable:
    rows = []
    for figure in measured["figures"]:
        title = card["metrics"][figure["name"]]["title"]
        of = "" if figure["of"] is None else f", {figure['of'].replace('_', ' ')}"
        rows.append((f"{title}{of}", *figure_in_words(figure)))
    return CardTable(
        title=measured["rows_of"].replace("_", " ").capitalize(),
        about=(
            f"{measured['rows']} objects of {measured['stars']} host stars: {measured['split']}."
            f" Interval: {measured['interval']}."
        ),
        rows=tuple(rows),
    )


def _figure(measured: Mapping[str, Any], name: str) -> Any:
    return next(each for each in measured["figures"] if each["name"] == name and each["of"] is None)

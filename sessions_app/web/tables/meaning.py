"""What a result means, in a few sentences, before any table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from mlcore.tasks import PLANET, find_task
from sessions_app.files.results import objects_of
from sessions_app.models import SessionKind
from sessions_app.web.formatting import figure_of, interval, percent, value
from sessions_app.web.tables.objects import verdict_of_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.models import Session

__all__ = ["Headline", "headline_of", "meaning_of", "verdict_counts"]

_FIRST = "roc_auc"


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """A figure that a result is known by."""

    title: str
    value: str
    about: str


def headline_of(report: dict[str, Any]) -> list[Headline]:
    """Return the one figure of a result, and beside it what knows almost nothing reaches."""
    measured = report.get("measurement")
    first = figure_of(measured, _FIRST)
    if not first or first["value"] is None:
        return []
    title = METRICS[_FIRST].title
    shown = [Headline(title=title, value=value(first), about=f"{INTERVAL}: {interval(first)}")]
    probes = (report.get("probes") or {}).get("probes", ())
    baseline = next((probe for probe in probes if probe["name"] == "baseline"), None)
    if baseline and (reached := figure_of(baseline["measurement"], _FIRST)):
        shown.append(Headline(title="Baseline", value=value(reached), about=baseline["title"]))
    strongest = _strongest(probes)
    if strongest:
        reached = figure_of(strongest["measurement"], _FIRST)
        shown.append(
            Headline(title="Strongest probe", value=value(reached), about=strongest["title"])
        )
    return shown


def meaning_of(session: Session) -> list[str]:
    """Return what a completed session's result means, in about three sentences."""
    return list(_sentences(session, session.report or {}))


def verdict_counts(session: Session) -> list[tuple[str, int]]:
    """Return how many objects of a result have each verdict, the most frequent first."""
    stored = objects_of(session).columns(["verdict", "label"])
    words = (
        verdict_of_stored(verdict, label)
        for verdict, label in zip(
            stored.column(0).to_pylist(), stored.column(1).to_pylist(), strict=True
        )
    )
    return Counter(words).most_common()


def _sentences(session: Session, report: dict[str, Any]) -> Iterator[str]:
    measured, task = report.get("measurement"), find_task(session.task)
    trained = session.kind == SessionKind.TRAINING
    if measured is None:
        objects = in_words.counted(len(objects_of(session)), "object")
        yield (
            f"The model says something of {objects}; how good it is on them cannot be measured,"
            " because none of them has a disposition that it tells apart."
        )
        return
    model = "The model that was trained" if trained else "The published model"
    first = figure_of(measured, _FIRST)
    if first and first["value"] is not None:
        yield (
            f"{model} was tested on {measured['rows']} objects of {measured['stars']} host stars"
            f"{' that it had not seen' if trained else ''}: drawn at random, a planet is placed"
            f" above something else in {percent(first['value'])} of the cases."
        )
    found, right = (figure_of(measured, name, str(PLANET)) for name in ("recall", "precision"))
    if found and right and found["value"] is not None and right["value"] is not None:
        called = task.called(PLANET)
        yield (
            f"Of the objects that are {called if called != 'planet' else 'planets'} it finds"
            f" {percent(found['value'])}, and of those that it calls {called},"
            f" {percent(right['value'])} are."
        )
    off = figure_of(measured, "expected_calibration_error")
    if off and off["value"] is not None:
        yield (
            "Its probabilities can be read as they stand to within"
            f" {in_words.decimal(100 * off['value'], in_words.Notation(digits=1))} points on"
            " average."
        )


def _strongest(probes: Any) -> dict[str, Any] | None:
    """Return the probe that comes closest to the model by knowing next to nothing."""
    known = [
        probe
        for probe in probes
        # The same model under another split is no shortcut of its own.
        if probe["name"] not in {"baseline", "row_split"}
        and (reached := figure_of(probe["measurement"], _FIRST))
        and reached["value"] is not None
    ]
    return max(
        known, key=lambda probe: figure_of(probe["measurement"], _FIRST)["value"], default=None
    )

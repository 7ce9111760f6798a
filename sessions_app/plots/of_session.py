"""The plots of a completed session's result, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets import CLASSES, DATASETS
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.tasks import PLANET, find_task
from sessions_app.exceptions import RefusedError
from sessions_app.files.results import objects_of
from sessions_app.plots import curves, figures
from sessions_app.plots.contributions import (
    MOST_IN_SWARM,
    SwarmColumn,
    dependence,
    swarm,
)
from sessions_app.plots.search import search_plot
from sessions_app.plots.thresholds import counts_at_thresholds, thresholds
from sessions_app.selectors.catalogue_points import drawn_evenly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.datasets.spec import Column
    from sessions_app.models import Session
    from sessions_app.plots.plot import Plot

__all__ = [
    "SESSION_PLOTS",
    "SessionPlot",
    "columns_of",
    "quantities_that_move",
    "session_plot",
    "session_plots",
    "threshold_counts",
]

Report = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionPlot:
    """A plot that a result may have."""

    name: str
    title: str
    drawable: Callable[[Session, Report], bool]
    draw: Callable[[Session, Report, Mapping[str, str]], Plot]
    """Of the session, its report and what an address asks for, such as a quantity."""


def session_plots(session: Session) -> list[SessionPlot]:
    """Return which plots a completed session's result has."""
    found = (session_plot(session, name) for name in SESSION_PLOTS)
    return [plot for plot in found if plot is not None]


def session_plot(session: Session, name: str) -> SessionPlot | None:
    """Return a plot of a completed session's result by its name; None where it has none."""
    report, plot = session.report or {}, SESSION_PLOTS.get(name)
    return plot if plot is not None and report and plot.drawable(session, report) else None


def columns_of(session: Session) -> tuple[list[str], dict[str, str], dict[str, Column]]:
    """Return a model's columns, the quantity of each in words, and their declarations."""
    model = session.model or {}
    names = list(model.get("columns", ()))
    dataset = DATASETS.get(session.mission)
    if dataset is None or "feature_set" not in model:
        return names, {}, {}
    inputs = Inputs(
        feature_set=FeatureSet(model["feature_set"]),
        label_derived=tuple(model.get("label_derived", ())),
    )
    declared = {column.name: column for column in inputs.columns(dataset)}
    return names, inputs.quantities(dataset), declared


def quantities_that_move(session: Session) -> list[str]:
    """Return the quantities of which a dependence can be drawn, the weightiest first."""
    return [one.quantity for one in _swarm_columns(session)[0] if any(one.contributions)]


def threshold_counts(session: Session) -> list[dict[str, Any]]:
    """Return what each threshold on the probability of a planet makes of the tested objects."""
    rows = objects_of(session).columns([f"probability_{PLANET}", "actual"])
    classes = [str(kind) for kind in (session.model or {}).get("classes", CLASSES)]
    planet, actual = rows.column(0).to_pylist(), rows.column(1).to_pylist()
    return counts_at_thresholds(planet, actual, classes)


def _swarm_columns(session: Session) -> tuple[list[SwarmColumn], list[str], str]:
    """Return the quantities of a session's tested objects, these objects, and towards what."""
    objects = objects_of(session)
    rows = objects.taken([place + 1 for place in drawn_evenly(len(objects), MOST_IN_SWARM)])
    names, quantities, declared = columns_of(session)
    task = find_task(session.task)
    # Of two classes what speaks against the one speaks for the other; of three each object has its
    # own, which is the one that the model chose.
    turned = len((session.model or {}).get("classes", ())) == 2
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(quantities.get(name, name), []).append(place)
    columns = []
    for quantity, own in places.items():
        shown = next(
            (place for place in own if _is_the_quantity(declared.get(names[place]), quantity)),
            own[0],
        )
        columns.append(
            SwarmColumn(
                quantity=quantity,
                contributions=[
                    sum(row.contributions[place] for place in own)
                    * (-1 if turned and row.label != PLANET else 1)
                    for row in rows
                ],
                values=[row.values[shown] for row in rows],
            )
        )
    columns.sort(key=lambda one: -sum(map(abs, one.contributions)))
    towards = task.called(PLANET) if turned else "the answer that it gave"
    return columns, [row.name for row in rows], towards


def _is_the_quantity(column: Column | None, quantity: str) -> bool:
    return column is not None and column.meaning == quantity


def _swarm(session: Session, _report: Report, _asked: Mapping[str, str]) -> Plot:
    columns, names, towards = _swarm_columns(session)
    return swarm(columns, names, towards=towards, output=_output(session))


def _dependence(session: Session, _report: Report, asked: Mapping[str, str]) -> Plot:
    columns, names, towards = _swarm_columns(session)
    by_name = {one.quantity: one for one in columns}
    wanted = asked.get("quantity") or next(iter(by_name))
    if wanted not in by_name:
        raise RefusedError(
            f"quantity was {wanted[:60]!r}, but it must be one of {', '.join(by_name)}.",
            field="quantity",
            allowed=tuple(by_name),
        )
    model_columns, quantities, declared = columns_of(session)
    own = [name for name in model_columns if quantities.get(name, name) == wanted]
    column = next(
        (declared[name] for name in own if _is_the_quantity(declared.get(name), wanted)),
        declared.get(own[0]),
    )
    if column is None:
        raise RefusedError(f"quantity: nothing declares {wanted[:60]!r}.", field="quantity")
    return dependence(by_name[wanted], column, names, towards=towards)


def _output(session: Session) -> str:
    return str((session.model or {}).get("explained_output", "output")).replace("_", " ")


def _explained(session: Session, report: Report) -> bool:
    """Tell whether the file has contributions: of a large table it has none."""
    del report
    return (
        session.mission in DATASETS
        and len(objects := objects_of(session)) > 0
        and objects.explained
    )


def _tested(session: Session, report: Report) -> bool:
    return bool(report["measurement"]) and len(objects_of(session)) > 0


def _has(part: str) -> Callable[[Session, Report], bool]:
    return lambda _session, report: bool(report["curves"] and report["curves"][part])


def _of(draw: Callable[[Report], Plot]) -> Callable[[Session, Report, Mapping[str, str]], Plot]:
    return lambda _session, report, _asked: draw(report)


SESSION_PLOTS = {
    plot.name: plot
    for plot in (
        SessionPlot(name="roc", title="ROC curve", drawable=_has("roc"), draw=_of(curves.roc)),
        SessionPlot(
            name="precision-recall",
            title="Precision and recall",
            drawable=_has("precision_recall"),
            draw=_of(curves.precision_recall),
        ),
        SessionPlot(
            name="reliability",
            title="Reliability",
            drawable=_has("reliability"),
            draw=_of(curves.reliability),
        ),
        SessionPlot(
            name="thresholds",
            title="Precision and recall at a threshold",
            drawable=_tested,
            draw=lambda session, _report, _asked: thresholds(threshold_counts(session)),
        ),
        SessionPlot(
            name="importance",
            title="What the model rests on",
            drawable=lambda _session, report: bool(report["importance"]),
            draw=_of(figures.importance),
        ),
        SessionPlot(
            name="search",
            title="What the search tried",
            drawable=lambda _session, report: bool(report.get("search")),
            draw=_of(search_plot),
        ),
        SessionPlot(
            name="contributions",
            title="What moves the answers",
            drawable=_explained,
            draw=_swarm,
        ),
        SessionPlot(
            name="dependence",
            title="What a quantity speaks for",
            drawable=_explained,
            draw=_dependence,
        ),
        SessionPlot(
            name="probes",
            title="The model beside probes",
            drawable=lambda _session, report: bool(
                report["measurement"] and report["probes"] and report["probes"]["probes"]
            ),
            draw=_of(figures.beside_probes),
        ),
        SessionPlot(
            name="slices",
            title="By kind of object",
            drawable=lambda _session, report: bool(report["measurement"] and report["slices"]),
            draw=_of(figures.slices),
        ),
    )
}

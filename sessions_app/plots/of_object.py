"""The plots of one object of a result, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS
from mlcore.tasks import find_task
from sessions_app.files.curves import curves_of
from sessions_app.plots.contributions import moved_quantities, waterfall
from sessions_app.plots.light_curves.figures import FIGURES, drawable
from sessions_app.plots.light_curves.stretches import stretches_drawn
from sessions_app.plots.of_session import columns_of
from sessions_app.plots.planes import PLANES_OF_OBJECT, lies_in, object_plane
from sessions_app.selectors.catalogue_points import (
    CataloguePoints,
    catalogue_points,
    drawn_evenly,
    quantities_in,
)
from sessions_app.selectors.stretches import stretches_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.files.curves import SignalOfStar
    from sessions_app.models import Session
    from sessions_app.plots.light_curves.figures import SignalFigure
    from sessions_app.plots.plot import Plot

__all__ = [
    "CATALOGUE_OBJECT_PLOTS",
    "OBJECT_PLOTS",
    "STRETCHES_DRAWN",
    "WATERFALL",
    "figures_of_object",
    "must_be_explained",
    "object_plot",
    "planes_among",
    "plots_of_object",
    "quantities_drawn",
    "quantities_of",
    "waterfall_of",
]

WATERFALL, STRETCHES_DRAWN = "waterfall", "stretches"
_MOST_POINTS = 1200
_QUANTITIES = tuple(
    dict.fromkeys(axis for plane in PLANES_OF_OBJECT for axis in (plane.x, plane.y))
)


CATALOGUE_OBJECT_PLOTS = (WATERFALL, *(plane.name for plane in PLANES_OF_OBJECT))
OBJECT_PLOTS = (*CATALOGUE_OBJECT_PLOTS, *FIGURES, STRETCHES_DRAWN)


def quantities_drawn() -> tuple[str, ...]:
    """Return the quantities of the planes in which objects are drawn."""
    return _QUANTITIES


def must_be_explained(name: str) -> bool:
    """Tell whether a plot shows something that of a large table is only worked out when asked."""
    return name not in FIGURES and name != STRETCHES_DRAWN


def object_plot(session: Session, row: ObjectPrediction, name: str) -> Plot | None:
    """Return a plot of one object of a result; None where there is none of this name.

    The object is explained where `must_be_explained` says so.
    """
    if name in FIGURES:
        curves = curves_of(session)
        found = curves.signal(row.number) if curves else None
        return FIGURES[name].draw(found.star, found.signal) if found else None
    if name == STRETCHES_DRAWN:
        curves = curves_of(session)
        found = curves.signal(row.number) if curves else None
        return stretches_drawn(found.signal, stretches_of(curves, row.number)) if found else None
    if name == WATERFALL:
        return waterfall_of(session, row)
    snapshot = session.snapshot or session.reference
    if snapshot is None:
        return None
    points = catalogue_points(snapshot, _QUANTITIES)
    planes = planes_among(points, quantities_of(session, row), row.name)
    return next((plot for plot in planes if plot.name == name), None)


def plots_of_object(session: Session, row: ObjectPrediction) -> list[str]:
    """Return the names of the plots that `object_plot` draws of an object, without drawing any."""
    names = [] if row.contributions is None else [WATERFALL]
    snapshot = session.snapshot or session.reference
    if snapshot is None:
        return names
    here, given = quantities_of(session, row), quantities_in(snapshot)
    return [*names, *(plane.name for plane in PLANES_OF_OBJECT if lies_in(plane, given, here))]


def figures_of_object(found: SignalOfStar) -> list[SignalFigure]:
    """Return the figures that `object_plot` draws of a signal's light curve."""
    return drawable(found.star, found.signal)


def planes_among(
    points: CataloguePoints, here: Mapping[str, float | None], name: str
) -> Iterator[Plot]:
    """Yield where an object lies among its mission's objects, in each plane that it has."""
    # The model learnt from these: the test rows are left out.
    trained = [
        place
        for place, disposition in enumerate(points.dispositions)
        if disposition is not None and not points.tested[place]
    ]
    places = [trained[place] for place in drawn_evenly(len(trained), _MOST_POINTS)]
    for plane in PLANES_OF_OBJECT:
        plot = object_plane(
            plane,
            points,
            places,
            here,
            name,
            what=f"of {len(trained)} objects of the training split, drawn evenly",
        )
        if plot is not None:
            yield plot


def quantities_of(session: Session, row: ObjectPrediction) -> dict[str, float | None]:
    """Return the quantities of an object by which it is drawn, as far as its model sees them."""
    dataset = DATASETS.get(session.mission)
    names, _, _ = columns_of(session)
    values = dict(zip(names, row.values or (), strict=False))
    if dataset is None:
        return {}
    return {quantity: values.get(dataset.quantities.get(quantity, "")) for quantity in _QUANTITIES}


def waterfall_of(session: Session, row: ObjectPrediction) -> Plot | None:
    """Return how an explained object comes to its score; None where it is not explained."""
    if row.contributions is None:
        return None
    names, quantities, declared = columns_of(session)
    moved = moved_quantities(row, names, quantities, declared)
    output = str((session.model or {}).get("explained_output", "output")).replace("_", " ")
    return waterfall(row, moved, find_task(session.task), output)

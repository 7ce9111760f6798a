"""The plots of one object of a result, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS
from mlcore.tasks import find_task
from sessions_app.plots.contributions import moved_quantities, waterfall
from sessions_app.plots.of_session import columns_of
from sessions_app.plots.planes import PLANES_OF_OBJECT, object_plane
from sessions_app.selectors.catalogue_points import (
    CataloguePoints,
    catalogue_points,
    drawn_evenly,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session
    from sessions_app.plots.plot import Plot

__all__ = ["WATERFALL", "object_plot", "planes_among", "quantities_of"]

WATERFALL = "waterfall"
_MOST_POINTS = 1200
_PLANES = {plane.name: plane for plane in PLANES_OF_OBJECT}
_QUANTITIES = tuple(
    dict.fromkeys(axis for plane in PLANES_OF_OBJECT for axis in (plane.x, plane.y))
)


def object_plot(session: Session, row: ObjectPrediction, name: str) -> Plot | None:
    """Return a plot of one explained object of a result; None where there is none of this name."""
    if name == WATERFALL:
        return _waterfall(session, row)
    snapshot = session.snapshot or session.reference
    if name not in _PLANES or snapshot is None:
        return None
    points = catalogue_points(snapshot, _QUANTITIES)
    found = (plot for plot in planes_among(points, quantities_of(session, row), row.name))
    return next((plot for plot in found if plot.name == name), None)


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


def _waterfall(session: Session, row: ObjectPrediction) -> Plot | None:
    if row.contributions is None:
        return None
    names, quantities, declared = columns_of(session)
    moved = moved_quantities(row, names, quantities, declared)
    output = str((session.model or {}).get("explained_output", "output")).replace("_", " ")
    return waterfall(row, moved, find_task(session.task), output)

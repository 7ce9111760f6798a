"""The plots of missions' tables and of their objects, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets import Disposition
from mlcore.datasets.name_keys import object_key
from mlcore.prediction.stored import ObjectPrediction
from mlcore.prediction.verdict import verdict_of
from mlcore.tasks import find_task
from sessions_app.models import ObjectVerdict
from sessions_app.plots.of_object import (
    WATERFALL,
    planes_among,
    quantities_drawn,
    waterfall_of,
)
from sessions_app.plots.planes import Spoken, sky_and_plane
from sessions_app.selectors import at_once
from sessions_app.selectors.catalogue_object import catalogue_object
from sessions_app.selectors.catalogue_points import catalogue_points, drawn_evenly
from sessions_app.selectors.dataset_rows import verdict_model
from sessions_app.selectors.sessions import current_snapshots

if TYPE_CHECKING:
    from sessions_app.models import DatasetSnapshot
    from sessions_app.plots.plot import Plot
    from sessions_app.selectors.catalogue_object import CatalogueObject

__all__ = ["ALL", "SKY", "catalogue_plot", "planes_of"]

SKY = "sky"
ALL = "all"
"""What stands in a mission's place where a plot is of all that are loaded."""
_MOST_ON_SKY = 2100
_PLACE = ("right_ascension", "declination")


def catalogue_plot(mission: str, name: str, object_name: str = "", *, who: str = "") -> Plot | None:
    """Return a plot of a mission's current table, or of one of its objects; None without one.

    Who asks is an owner's `counted_as`: a waterfall is worked out when it is asked for.
    """
    if object_name:
        found = catalogue_object(mission, object_name)
        if found is not None and name == WATERFALL:
            return _waterfall(found, who)
        plots = planes_of(found) if found else []
        return next((plot for plot in plots if plot.name == name), None)
    loaded = {
        loaded: snapshot
        for loaded, snapshot in current_snapshots().items()
        if snapshot is not None and mission in {loaded, ALL}
    }
    if name != SKY:
        return None
    spoken = [
        spoken
        for snapshot in loaded.values()
        if (spoken := _spoken(snapshot, most=_MOST_ON_SKY // len(loaded))) is not None
    ]
    return sky_and_plane(spoken) if spoken else None


def planes_of(found: CatalogueObject) -> list[Plot]:
    """Return where an object lies among the objects that models are trained on."""
    points = catalogue_points(found.snapshot, quantities_drawn())
    given = found.dataset.quantities
    values = {
        quantity: found.values.get(given.get(quantity, "")) for quantity in quantities_drawn()
    }
    here = {
        quantity: float(value) if isinstance(value, float | int) else None
        for quantity, value in values.items()
    }
    return list(planes_among(points, here, found.row.name))


def _waterfall(found: CatalogueObject, who: str) -> Plot | None:
    """Return how the published model comes to what it says of an object."""
    model = found.model
    if model is None:
        return None
    mission, name = found.dataset.name, found.row.name
    answer = at_once.what_if_listed(model, name, {}, mission=mission, who=who)
    columns = (model.model or {}).get("columns", ())
    row = ObjectPrediction(
        number=found.row.number,
        name=name,
        host=found.row.host,
        label=answer["prediction"],
        actual=None,
        probabilities=[],
        temperature=None,
        values=[answer["values"].get(column) for column in columns],
        contributions=[answer["contributions"].get(column, 0.0) for column in columns],
        base=answer["explained"]["base"],
        output=answer["explained"]["output"],
        reasons=None,
        follow_up_rank=None,
        judgement=None,
        verdict=answer["verdict"],
    )
    return waterfall_of(model, row)


def _spoken(snapshot: DatasetSnapshot, *, most: int) -> Spoken | None:
    """Return some objects of a table with what its model says of them; None without a model."""
    model = verdict_model(snapshot.mission)
    if model is None:
        return None
    points = catalogue_points(snapshot, [*_PLACE, *quantities_drawn()])
    places = drawn_evenly(len(points), most)
    task = find_task(model.task)
    keys = {object_key(points.names[place], points.dataset): place for place in places}
    told = ObjectVerdict.objects.filter(
        session=model, mission=snapshot.mission, object_key__in=list(keys)
    ).values_list("object_key", "probabilities", "possible")
    kinds = {}
    for key, probabilities, possible in told:
        stated = dict(zip(task.classes, probabilities, strict=True))
        word = verdict_of(task, stated, [Disposition(kind) for kind in possible])
        kinds[keys[key]] = word.kind
    return Spoken(points=points, places=places, kinds=kinds)

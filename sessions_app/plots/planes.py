"""Where objects lie: in the planes of two quantities, and on the sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.datasets.units import quantity_in_words, unit_in_words
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES, VERDICTS, by_class, class_word, decades

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from mlcore.datasets import Disposition
    from sessions_app.selectors.catalogue_points import CataloguePoints

__all__ = ["PLANES_OF_OBJECT", "Plane", "Spoken", "lies_in", "object_plane", "sky_and_plane"]

_QUANTITATIVE = "quantitative"
_PERCENTILES = (0.1, 0.5, 0.9)
_PLACE = ("right_ascension", "declination")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plane:
    """Two quantities that are drawn against each other."""

    name: str
    title: str
    x: str
    """Name of a quantity, as `y`."""
    y: str


PLANES_OF_OBJECT = (
    Plane(name="period-radius", title="Period and radius", x="period", y="radius"),
    Plane(name="depth-duration", title="Duration and depth", x="duration", y="depth"),
)


def lies_in(plane: Plane, given: Collection[str], here: Mapping[str, float | None]) -> bool:
    """Tell whether an object lies in a plane of a table that has some quantities."""
    axes = (plane.x, plane.y)
    return all(axis in given and here.get(axis) for axis in axes)


def object_plane(
    plane: Plane,
    points: CataloguePoints,
    places: Sequence[int],
    here: Mapping[str, float | None],
    name: str,
    *,
    what: str,
) -> Plot | None:
    """Return where one object lies among others; None where it, or the table, lacks a quantity.

    Parameters
    ----------
    plane
        Two quantities.
    points
        The others.
    places
        Which of these are drawn.
    here
        The object's own quantities.
    name
        The object's.
    what
        What the others are, as the subject of a sentence.
    """
    x, y = here.get(plane.x), here.get(plane.y)
    if not x or not y or not lies_in(plane, points.columns, here):
        return None
    values = [row for _, row in _drawn(points, places, plane)]
    axes = {
        "x": _axis(points, plane.x, "x"),
        "y": _axis(points, plane.y, "y"),
    }
    own = [{"x": x, "y": y, "name": name}]
    return Plot(
        name=plane.name,
        title=plane.title,
        about=f"{name} among {len(values)} {what}, by the catalogue's dispositions.",
        spec={
            "width": "container",
            "height": PLANES,
            "layer": [
                {
                    "data": {"values": values},
                    "mark": {
                        "type": "point",
                        "filled": True,
                        "size": 22,
                        "opacity": 0.55,
                    },
                    "encoding": axes | by_class("disposition") | _tips(axes),
                },
                *_crosshair(own, axes),
            ],
        },
        numbers=_summary(points, places, plane, own=(name, x, y)),
    )


def _crosshair(own: list[dict[str, Any]], axes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what points to the object: a line from each axis, a ring and its name."""
    data = {"data": {"values": own}}
    return [
        {**data, "mark": {"type": "rule", "style": "guide"}, "encoding": {"x": axes["x"]}},
        {**data, "mark": {"type": "rule", "style": "guide"}, "encoding": {"y": axes["y"]}},
        {
            **data,
            "mark": {"type": "point", "style": "here", "size": 220, "strokeWidth": 2.5},
            "encoding": {"x": axes["x"], "y": axes["y"]},
        },
        {
            **data,
            "mark": {
                "type": "text",
                "style": "here",
                "fontWeight": 700,
                "align": "left",
                "dx": 14,
                "dy": -12,
                "strokeWidth": 0,
            },
            "encoding": {"x": axes["x"], "y": axes["y"], "text": {"field": "name"}},
        },
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """Objects of a mission, and what a model that never saw their stars says of them."""

    points: CataloguePoints
    places: Sequence[int]
    """Which of them are drawn."""
    kinds: Mapping[int, Disposition]
    """What the model says of each of these, a candidate where it is undecided."""


def sky_and_plane(missions: Sequence[Spoken]) -> Plot | None:
    """Return missions' objects on the sky and by period and radius, brushed and linked."""
    plane = PLANES_OF_OBJECT[0]
    values = [value for mission in missions for value in _on_sky(mission, plane)]
    if not values:
        return None
    points = missions[0].points
    brush = {"name": "brush", "select": {"type": "interval", "resolve": "union"}}
    opacity = {"condition": {"param": "brush", "value": 0.75}, "value": 0.06}
    mark = {"type": "point", "filled": True, "size": 20}
    axes = {"x": _axis(points, plane.x, "x"), "y": _axis(points, plane.y, "y")}
    shared = {**by_class("verdict", VERDICTS), **_tips(axes), "opacity": opacity}
    ra = {
        "field": "ra",
        "type": _QUANTITATIVE,
        "title": "Right ascension [deg]",
        # As on the sky: east is left.
        "scale": {"reverse": True, "domain": [0, 360]},
        "axis": {"values": list(range(0, 361, 60))},
    }
    dec = {
        "field": "dec",
        "type": _QUANTITATIVE,
        "title": "Declination [deg]",
        "scale": {"domain": [-90, 90]},
        "axis": {"values": list(range(-90, 91, 30))},
    }
    panel = {"width": 430, "height": PLANES, "mark": mark, "params": [brush]}
    titles = in_words.joined([mission.points.dataset.short_title for mission in missions])
    return Plot(
        name="sky",
        title=f"{titles}: on the sky, and by period and radius",
        about=f"{len(values)} of {sum(len(mission.points) for mission in missions)} objects, by"
        " what a model says of them that was not trained on their star. Draw a box in one picture:"
        " the same objects stand out in the other; a double click takes it away.",
        spec={
            "data": {"values": values},
            "hconcat": [
                {**panel, "encoding": {"x": ra, "y": dec, **shared}},
                {**panel, "encoding": {**axes, **shared}},
            ],
        },
        numbers=_spoken_numbers(missions),
    )


def _on_sky(mission: Spoken, plane: Plane) -> Iterator[dict[str, Any]]:
    points = mission.points
    if not {*_PLACE, plane.x, plane.y} <= points.columns.keys():
        return
    spoken = [place for place in mission.places if place in mission.kinds]
    for place, row in _drawn(points, spoken, plane):
        ra, dec = (points.values[quantity][place] for quantity in _PLACE)
        if ra is not None and dec is not None:
            # As exact as a picture shows.
            yield {
                "name": row["name"],
                "x": float(f"{row['x']:.4g}"),
                "y": float(f"{row['y']:.4g}"),
                "ra": round(ra, 2),
                "dec": round(dec, 2),
                "verdict": class_word(mission.kinds[place], VERDICTS),
                "disposition": row["disposition"],
            }


def _spoken_numbers(missions: Sequence[Spoken]) -> Numbers:
    kinds = list(dict.fromkeys(kind for mission in missions for kind in mission.kinds.values()))
    return Numbers(
        columns=("Mission", *(class_word(kind, VERDICTS).capitalize() for kind in kinds)),
        rows=[
            (
                mission.points.dataset.short_title,
                *(str(list(mission.kinds.values()).count(kind)) for kind in kinds),
            )
            for mission in missions
        ],
        note="Of the objects that are drawn.",
    )


def _drawn(
    points: CataloguePoints, places: Sequence[int], plane: Plane
) -> Iterator[tuple[int, dict[str, Any]]]:
    for place in places:
        x, y = points.values[plane.x][place], points.values[plane.y][place]
        # A logarithmic axis has no place for what is not above zero.
        if x and x > 0 and y and y > 0:
            yield (
                place,
                {
                    "x": x,
                    "y": y,
                    "name": points.names[place],
                    "disposition": class_word(points.dispositions[place]),
                },
            )


def _tips(axes: Mapping[str, Any]) -> dict[str, Any]:
    titles = {field: axes[field]["title"] for field in ("x", "y")}
    return {"tooltip": tips(name="Object", disposition="Disposition", **titles)}


def _axis(points: CataloguePoints, quantity: str, field: str) -> dict[str, Any]:
    column = points.dataset.column(points.columns[quantity])
    unit = unit_in_words(column.unit)
    return {
        "field": field,
        "type": _QUANTITATIVE,
        "title": f"{column.meaning}{f' [{unit}]' if unit else ''}",
        "scale": {"type": "log", "nice": False},
        "axis": {
            "format": "~g",
            "values": decades([value for value in points.values[quantity] if value]),
            "labelOverlap": True,
        },
    }


def _summary(
    points: CataloguePoints,
    places: Sequence[int],
    plane: Plane,
    own: tuple[str, float, float] | None = None,
) -> Numbers:
    """Return the middle and the ends of both quantities for each disposition."""
    columns = [points.dataset.column(points.columns[quantity]) for quantity in (plane.x, plane.y)]
    kinds = dict.fromkeys(points.dispositions[place] for place in places)
    rows = []
    if own is not None:
        name, *values = own
        rows.append(
            (
                name,
                "1",
                *(
                    quantity_in_words(value, column.unit)
                    for value, column in zip(values, columns, strict=True)
                ),
            )
        )
    for kind in kinds:
        of_kind = [place for place in places if points.dispositions[place] == kind]
        rows.append(
            (
                class_word(kind).capitalize(),
                str(len(of_kind)),
                *(
                    _middle([points.values[quantity][place] for place in of_kind], column.unit)
                    for quantity, column in zip((plane.x, plane.y), columns, strict=True)
                ),
            )
        )
    return Numbers(
        columns=("Objects", "Number", *(column.meaning for column in columns)),
        rows=rows,
        note="Of each disposition the median, with the 10th and the 90th percentile.",
    )


def _middle(values: Sequence[float | None], unit: str) -> str:
    known = sorted(value for value in values if value is not None)
    if not known:
        return "not known"
    low, middle, high = (known[round(share * (len(known) - 1))] for share in _PERCENTILES)
    ends = in_words.typeset(f"{in_words.number(low)} to {in_words.number(high)}")
    return f"{quantity_in_words(middle, unit)} ({ends})"

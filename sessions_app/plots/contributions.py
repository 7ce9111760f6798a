"""What moves a model's answer: of one object as a waterfall, of many as a swarm."""

from __future__ import annotations

import textwrap
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.datasets import Disposition
from mlcore.datasets.units import quantity_in_words, unit_in_words
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import decades

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcore.datasets.spec import Column
    from mlcore.prediction.stored import ObjectPrediction
    from mlcore.tasks import Task

__all__ = [
    "MOST_IN_SWARM",
    "Moved",
    "SwarmColumn",
    "dependence",
    "moved_quantities",
    "swarm",
    "waterfall",
]

_QUANTITATIVE = "quantitative"
_STEPS = 10
"""How many quantities a waterfall names."""
_ROW = 26
"""Height of a quantity's row [px]."""
_LINE = 13
"""By how much each further line of a label makes a row higher [px]."""
_LETTERS = 26
"""Letters in a line of a label: a plot that is half as wide as its page has room for these."""
_LINES = {"labelExpr": r"split(datum.label, '\n')", "labelLineHeight": _LINE}
_SWARMED = 12
"""How many quantities a swarm shows."""
MOST_IN_SWARM = 200
"""Of how many objects a swarm is drawn, and a dependence."""
_BINS = 70
_LEGEND = {"direction": "horizontal", "gradientLength": 140, "format": ".0%"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """How far one quantity of an object moved the model's output."""

    quantity: str
    contribution: float
    value: str
    """Its value in words; empty where it has none of its own, or several."""


def moved_quantities(
    row: ObjectPrediction,
    columns: Sequence[str],
    quantities: Mapping[str, str],
    declared: Mapping[str, Column],
) -> list[Moved]:
    """Return an object's quantities, those that moved its answer most first.

    Parameters
    ----------
    row
        The object, explained.
    columns
        The model's columns, in the order of its contributions.
    quantities
        The quantity of each column in words.
    declared
        The columns' declarations.
    """
    sums: dict[str, float] = {}
    values: dict[str, str] = {}
    given = zip(columns, row.values or (), row.contributions or (), strict=True)
    for name, value, contribution in given:
        quantity = quantities.get(name, name)
        sums[quantity] = sums.get(quantity, 0.0) + contribution
        column = declared.get(name)
        if column is not None and column.meaning == quantity and value is not None:
            values[quantity] = quantity_in_words(value, column.unit).replace("-", "−")
    return [
        Moved(quantity=quantity, contribution=moved, value=values.get(quantity, ""))
        for quantity, moved in sorted(sums.items(), key=lambda one: -abs(one[1]))
    ]


def waterfall(row: ObjectPrediction, moved: Sequence[Moved], task: Task, output: str) -> Plot:
    """Return how an object's quantities lead from the training median to its score.

    Parameters
    ----------
    row
        The object, explained.
    moved
        Its quantities.
    task
        What the model tells apart.
    output
        What kind of number the score is, in words.
    """
    base, end = float(row.base or 0.0), float(row.output or 0.0)
    called = task.called(Disposition(row.label))
    named, rest = list(moved[:_STEPS]), moved[_STEPS:]
    if rest:
        others = Moved(
            quantity=f"{len(rest)} other quantities",
            contribution=sum(one.contribution for one in rest),
            value="",
        )
        named.append(others)
    steps = list(_steps(base, named, called))
    order = [step["label"] for step in steps]
    lines = max(label.count("\n") for label in order) if order else 0
    ends = [
        {"label": "Training median", "at": base, "word": in_words.decimal(base, in_words.TABLE)},
        {"label": "This object", "at": end, "word": in_words.decimal(end, in_words.TABLE)},
    ]
    # Words stand on the side of a bar where there is more room, so that none is cut at an edge.
    passed = [base, end, *(step[of] for step in steps for of in ("from", "to"))]
    middle = (min(passed) + max(passed)) / 2
    for one in ends:
        one["left"] = one["at"] > middle
    for step in steps:
        step["left"] = step["from"] + step["to"] > 2 * middle
        step["beside"] = (min if step["left"] else max)(step["from"], step["to"])
    sort = ["Training median", *order, "This object"]
    y = {
        "field": "label",
        "type": "nominal",
        "sort": sort,
        "title": None,
        "axis": {"ticks": False, "domain": False, "grid": True, **_LINES},
        "scale": {"domain": sort},
    }
    x_title = f"{output.capitalize()} of {called}, before calibration"
    x = {"type": _QUANTITATIVE, "title": x_title, "scale": {"zero": False, "padding": 28}}
    return Plot(
        name="waterfall",
        title=f"From the training median to {row.name}",
        about=f"How far each quantity moves the model's {output} of {called}: to the right it"
        f" speaks for it, to the left against it. From {in_words.decimal(base, in_words.TABLE)} to"
        f" {in_words.decimal(end, in_words.TABLE)}, exactly.",
        spec={
            "width": "container",
            "height": (_ROW + _LINE * lines) * len(sort),
            "layer": [
                {
                    "data": {"values": steps},
                    "mark": {"type": "bar", "height": 15},
                    "encoding": {
                        "y": y,
                        "x": {**x, "field": "from"},
                        "x2": {"field": "to"},
                        "color": {
                            "field": "speaks",
                            "type": "nominal",
                            "scale": {"domain": [f"for {called}", f"against {called}"]},
                        },
                        "tooltip": tips(quantity="Quantity", word="Contribution"),
                    },
                },
                {
                    "data": {"values": steps},
                    "mark": {"type": "text", "align": {"expr": _SIDE}, "dx": {"expr": _SHIFT}},
                    "encoding": {
                        "y": y,
                        "x": {**x, "field": "beside"},
                        "text": {"field": "word"},
                    },
                },
                {
                    "data": {"values": ends},
                    "mark": {"type": "tick", "style": "here", "thickness": 4, "size": 18},
                    "encoding": {"y": y, "x": {**x, "field": "at"}},
                },
                {
                    "data": {"values": ends},
                    "mark": {
                        "type": "text",
                        "align": {"expr": _SIDE},
                        "dx": {"expr": _SHIFT},
                        "fontWeight": 700,
                    },
                    "encoding": {"y": y, "x": {**x, "field": "at"}, "text": {"field": "word"}},
                },
            ],
        },
        numbers=Numbers(
            columns=("Quantity", "Value", "Contribution"),
            rows=[
                (one.quantity, one.value, in_words.decimal(one.contribution, in_words.TABLE_CHANGE))
                for one in moved
            ],
        ),
    )


_SIDE = "datum.left ? 'right' : 'left'"
_SHIFT = "datum.left ? -7 : 7"


def _steps(base: float, moved: Sequence[Moved], called: str) -> Iterator[dict[str, Any]]:
    at = base
    for one in moved:
        end = at + one.contribution
        quantity = f"{one.quantity}: {one.value}" if one.value else one.quantity
        yield {
            "quantity": quantity,
            "label": "\n".join(textwrap.wrap(quantity, _LETTERS)),
            "from": at,
            "to": end,
            "contribution": one.contribution,
            "word": in_words.decimal(one.contribution, in_words.TABLE_CHANGE),
            "speaks": f"{'against' if one.contribution < 0 else 'for'} {called}",
        }
        at = end


@dataclass(frozen=True, kw_only=True, slots=True)
class SwarmColumn:
    """A quantity of a swarm: what it contributed to each object, and its values there."""

    quantity: str
    contributions: Sequence[float]
    values: Sequence[float | None]


def swarm(
    columns: Sequence[SwarmColumn], names: Sequence[str], *, towards: str, output: str
) -> Plot:
    """Return how far quantities moved each of many objects, coloured by their values.

    Parameters
    ----------
    columns
        The quantities.
    names
        The objects'.
    towards
        What the contributions are to, in words.
    output
        What kind of number they add up to, in words.
    """
    shown = sorted(columns, key=lambda one: -_mean_size(one.contributions))[:_SWARMED]
    least = min((min(one.contributions) for one in shown), default=0.0)
    most = max((max(one.contributions) for one in shown), default=1.0)
    points = [point for one in shown for point in _swarmed(one, names, least, most)]
    return Plot(
        name="contributions",
        title="What moves the answers",
        about=f"Each point is one of {len(names)} tested objects: how far a quantity moved the"
        f" model's {output} of {towards}, and by its colour how large the quantity is there"
        " among these objects, from the smallest (0 %) to the largest (100 %).",
        spec={
            "width": "container",
            "height": 30 * len(shown),
            "data": {"values": points},
            "mark": {"type": "circle", "size": 16, "opacity": 0.85},
            "encoding": {
                "x": {
                    "field": "contribution",
                    "type": _QUANTITATIVE,
                    "title": f"Contribution to the {output} of {towards}",
                },
                "y": {
                    "field": "quantity",
                    "type": "nominal",
                    "sort": [one.quantity for one in shown],
                    "title": None,
                    "axis": {"grid": True, "ticks": False},
                },
                "yOffset": {
                    "field": "offset",
                    "type": _QUANTITATIVE,
                    "scale": {"domain": [-1, 1]},
                },
                "color": {
                    "field": "rank",
                    "type": _QUANTITATIVE,
                    "scale": {"domain": [0, 1], "range": "diverging"},
                    "legend": {**_LEGEND, "title": "Value"},
                },
                "tooltip": tips(
                    name="Object",
                    quantity="Quantity",
                    rank="Share of the objects with a smaller value",
                    contribution="Contribution",
                ),
            },
        },
        numbers=Numbers(
            columns=("Quantity", "Mean size of its contribution", "Least", "Most"),
            rows=[
                (
                    one.quantity,
                    in_words.decimal(_mean_size(one.contributions), in_words.TABLE),
                    in_words.decimal(min(one.contributions), in_words.TABLE_CHANGE),
                    in_words.decimal(max(one.contributions), in_words.TABLE_CHANGE),
                )
                for one in shown
            ],
            note=f"The {len(shown)} quantities that move the answers most.",
        ),
    )


def dependence(one: SwarmColumn, column: Column, names: Sequence[str], *, towards: str) -> Plot:
    """Return what a quantity contributed against its value.

    Parameters
    ----------
    one
        The quantity.
    column
        The declaration of the column with its values.
    names
        The objects'.
    towards
        What the contributions are to, in words.
    """
    given = zip(names, one.values, one.contributions, strict=True)
    points = [
        {"name": name, "value": value, "contribution": contribution}
        for name, value, contribution in given
        if value is not None
    ]
    values = [point["value"] for point in points]
    positive = all(value > 0 for value in values)
    unit = unit_in_words(column.unit)
    title = f"{column.meaning}{f' [{unit}]' if unit else ''}"
    return Plot(
        name="dependence",
        title=f"What {in_words.lowered(one.quantity)} speaks for",
        about=f"What the quantity contributed towards {towards} against its value, for"
        f" {len(points)} tested objects; above zero it speaks for it.",
        spec={
            "width": "container",
            "height": 280,
            "layer": [
                {
                    "data": {"values": [{"zero": 0}]},
                    "mark": {"type": "rule", "style": "guide"},
                    "encoding": {"y": {"field": "zero", "type": _QUANTITATIVE}},
                },
                {
                    "data": {"values": points},
                    "mark": {"type": "circle", "size": 28, "opacity": 0.6},
                    "encoding": {
                        "x": {
                            "field": "value",
                            "type": _QUANTITATIVE,
                            "title": title,
                            "scale": {"type": "log"} if positive else {"zero": False},
                            "axis": {
                                "format": "~g",
                                "labelOverlap": True,
                                **({"values": decades(values)} if positive else {}),
                            },
                        },
                        "y": {
                            "field": "contribution",
                            "type": _QUANTITATIVE,
                            "title": "Contribution",
                        },
                        "tooltip": tips(name="Object", value=title, contribution="Contribution"),
                    },
                },
            ],
        },
        numbers=_by_value(points, title),
    )


def _by_value(points: list[dict[str, Any]], title: str) -> Numbers:
    points = sorted(points, key=lambda point: point["value"])
    parts = [
        points[place * len(points) // 8 : (place + 1) * len(points) // 8] for place in range(8)
    ]
    return Numbers(
        columns=(title, "Objects", "Mean contribution"),
        rows=[
            (
                in_words.typeset(
                    f"{in_words.number(part[0]['value'])} to {in_words.number(part[-1]['value'])}"
                ),
                str(len(part)),
                in_words.decimal(
                    sum(point["contribution"] for point in part) / len(part), in_words.TABLE_CHANGE
                ),
            )
            for part in parts
            if part
        ],
        note="In eight groups of equal size.",
    )


def _mean_size(contributions: Sequence[float]) -> float:
    return sum(map(abs, contributions)) / max(len(contributions), 1)


def _swarmed(
    one: SwarmColumn, names: Sequence[str], least: float, most: float
) -> Iterator[dict[str, Any]]:
    """Yield a quantity's points, those that would lie on each other side by side."""
    known = sorted(value for value in one.values if value is not None)
    width = (most - least) / _BINS or 1.0
    taken: dict[int, int] = {}
    for name, contribution, value in zip(names, one.contributions, one.values, strict=True):
        place = int((contribution - least) / width)
        above = taken[place] = taken.get(place, -1) + 1
        rank = None if value is None else bisect_left(known, value) / max(len(known) - 1, 1)
        yield {
            "quantity": one.quantity,
            "name": name,
            "contribution": round(contribution, 4),
            "offset": max(-1.0, min(1.0, (-1) ** above * ((above + 1) // 2) * 0.14)),
            "rank": rank if rank is None else round(rank, 3),
        }

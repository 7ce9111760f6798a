"""What an export says of each object: the model's fields, some of which stand for several columns.

Each column has its unit, its meaning and its word in the Virtual Observatory.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mlcore.datasets import CLASSES, DATASETS
from mlcore.features.registry import declared_features
from mlcore.prediction.stored import ObjectPrediction
from sessions_app.files.curves import curves_of
from sessions_app.selectors.ephemeris_columns import ephemeris_columns
from sessions_app.selectors.export_judgement import JUDGEMENT, ExportColumn
from sessions_app.selectors.planet_rate import prior_corrected_prediction
from sessions_app.selectors.row_evidence import columns_of_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcore.datasets.spec import Column
    from mlcore.features.spec import Feature
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate
    from sessions_app.selectors.positions import Position

__all__ = ["ExportColumn", "export_columns"]


_FIRST = (
    *("number", "name", "host", "label", "actual", "probabilities", "follow_up_rank", "judgement"),
    *("temperature", "reasons", "base", "output"),
)
_LAST = ("values", "contributions")
_JUDGED_TOO = ("verdict",)
"""Stands in the judgement's columns."""
_KINDS: dict[pa.DataType, type] = {
    pa.string(): str,
    pa.int64(): int,
    pa.float64(): float,
    pa.bool_(): bool,
}
_UNITS = {"temperature": "K"}
_UCDS = {
    "number": "meta.record",
    "name": "meta.id;meta.main",
    "host": "meta.id.parent",
    "label": "meta.code.class",
    "actual": "meta.code.class",
    "temperature": "phys.temperature.effective",
}
_UCDS_OF_QUANTITIES = {
    "period": "time.period",
    "epoch": "time.epoch",
    "duration": "time.duration",
    "radius": "phys.size.radius",
    "equilibrium_temperature": "phys.temperature",
    "stellar_temperature": "phys.temperature.effective",
    "stellar_gravity": "phys.gravity",
    "stellar_radius": "phys.size.radius",
    "stellar_mass": "phys.mass",
    "magnitude": "phot.mag",
    "distance": "pos.distance",
    "right_ascension": "pos.eq.ra",
    "declination": "pos.eq.dec",
    "snr": "stat.snr",
}
"""Words of the UCD1+ list, by quantity."""


def export_columns(
    session: Session,
    *,
    at: ExpectedRate | None = None,
    positions: Mapping[str, Position] | None = None,
) -> list[ExportColumn]:
    """Return the columns of a session's export.

    Parameters
    ----------
    session
        A completed session.
    at
        A rate of planets, at which labels and probabilities are given too.
    positions
        Where objects are in the sky, by their names; without any there are no such columns.
    """
    declared = {one.name: one for one in fields(ObjectPrediction)}
    mark = session.mark
    several = {
        "probabilities": [
            *_probabilities(),
            *([] if at is None else _at_planet_rate(at)),
            ExportColumn(
                name="mark",
                kind=str,
                value=lambda _row: mark,
                description="What must stand beside each figure, where anything must.",
            ),
        ],
        "judgement": [*JUDGEMENT, *_of_light_curves(session)],
        "temperature": [
            _of_field("temperature", declared["temperature"].metadata),
            *([] if positions is None else _in_the_sky(positions)),
        ],
        "reasons": [
            ExportColumn(
                name="reasons",
                kind=str,
                value=lambda row: "; ".join(row.reasons or ()),
                description=declared["reasons"].metadata["meaning"],
            )
        ],
        **_of_the_model(session),
    }
    between = [name for name in declared if name not in (*_FIRST, *_LAST, *_JUDGED_TOO)]
    return [
        column
        for name in (*_FIRST, *between, *_LAST)
        for column in (
            several[name] if name in several else [_of_field(name, declared[name].metadata)]
        )
    ]


def _of_light_curves(session: Session) -> list[ExportColumn]:
    """Return the columns that only signals of light curves have."""
    curves = curves_of(session)
    if curves is None:
        return []
    signals = {signal.number: signal for signal in curves.signals.without_lists()}
    stars = curves.stars.without_lists()
    return [*columns_of_rows(signals), *ephemeris_columns(stars, signals)]


def _of_field(name: str, declared: Mapping[str, Any]) -> ExportColumn:
    return ExportColumn(
        name=declared.get("given_as") or name,
        kind=_KINDS[declared.get("type", pa.int64())],
        value=attrgetter(name),
        unit=_UNITS.get(name, ""),
        ucd=_UCDS.get(name, ""),
        description=declared["meaning"],
    )


def _nth(field: str, n: int) -> Callable[[ObjectPrediction], Any]:
    return lambda row: None if (values := getattr(row, field)) is None else values[n]


def _probabilities() -> list[ExportColumn]:
    return [
        ExportColumn(
            name=f"probability_{label}",
            kind=float,
            value=_nth("probabilities", n),
            ucd="stat.probability",
            description=f"Calibrated probability of the disposition {label.words}.",
        )
        for n, label in enumerate(CLASSES)
    ]


def _of_the_model(session: Session) -> dict[str, list[ExportColumn]]:
    """Return the columns of values and contributions."""
    names: Sequence[str] = list((session.model or {}).get("columns", ()))
    known = {name: _declared(name, session.mission) for name in names}
    return {
        "values": [
            ExportColumn(
                name=f"value_{name}",
                kind=float,
                value=_nth("values", n),
                unit=column.unit if column else "",
                ucd=_ucd(name, session.mission),
                description=f"{column.meaning}." if column else "A column of the model.",
            )
            for n, (name, column) in enumerate(known.items())
        ],
        "contributions": [
            ExportColumn(
                name=f"contribution_{name}",
                kind=float,
                value=_nth("contributions", n),
                description=f"What {name} adds to the explained output.",
            )
            for n, name in enumerate(names)
        ],
    }


def _declared(name: str, mission: str) -> Column | Feature | None:
    """Return what declares a column that a model sees; None where it is only a user's."""
    dataset = DATASETS.get(mission)
    if dataset is not None and dataset.knows(name):
        return dataset.column(name)
    return declared_features().get(name)


def _ucd(name: str, mission: str) -> str:
    dataset = DATASETS.get(mission)
    measured = {} if dataset is None else {column: q for q, column in dataset.quantities.items()}
    return _UCDS_OF_QUANTITIES.get(measured.get(name, ""), "")


def _in_the_sky(positions: Mapping[str, Position]) -> list[ExportColumn]:
    def coordinate(name: str) -> Callable[[ObjectPrediction], float | None]:
        return lambda row: getattr(positions.get(row.name), name, None)

    return [
        ExportColumn(
            name=name,
            kind=float,
            value=coordinate(name),
            unit="deg",
            ucd=f"pos.eq.{name};meta.main",
            description=f"{title} of the mission's object of this name.",
        )
        for name, title in (("ra", "Right ascension"), ("dec", "Declination"))
    ]


def _at_planet_rate(at: ExpectedRate) -> list[ExportColumn]:
    def corrected(row: ObjectPrediction) -> dict[str, Any]:
        # Asked for each of an object's columns, one after the other.
        if kept.get("row") is not row:
            kept.update(row=row, of=prior_corrected_prediction(row, at))
        of: dict[str, Any] = kept["of"]
        return of

    kept: dict[str, Any] = {}

    def of(label: str) -> Callable[[ObjectPrediction], float]:
        # A class that the model does not tell apart has no probability at any rate.
        return lambda row: corrected(row)["probabilities"].get(label, 0.0)

    return [
        ExportColumn(
            name="planet_rate",
            kind=float,
            value=lambda _row: at.rate,
            description="Share of planets that was expected.",
        ),
        ExportColumn(
            name="prediction_at_planet_rate",
            kind=str,
            value=lambda row: corrected(row)["prediction"],
            ucd="meta.code.class",
            description="The most probable disposition at that share.",
        ),
        *(
            ExportColumn(
                name=f"probability_{label}_at_planet_rate",
                kind=float,
                value=of(str(label)),
                ucd="stat.probability",
                description=f"Probability of the disposition {label.words} at that share.",
            )
            for label in CLASSES
        ),
    ]

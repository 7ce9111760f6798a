"""A fourth mission, all of it: what it is called and measures, and rows made of real Kepler ones.

Its columns have names and units of their own, so that whoever reads Kepler's by name or takes a
value for what it is not gives another answer.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.datasets import Column, Dataset, Disposition, Role, Scale
from mlcore.datasets.publication import Publication
from mlcore.datasets.spec import with_errors

if TYPE_CHECKING:
    from pathlib import Path

_name = partial(Column, unit="", role=Role.IDENTIFIER, text=True)
_value = partial(Column, role=Role.FEATURE)
_size = partial(_value, scale=Scale.LOG)

PLATO = Dataset(
    name="plato",
    title="PLATO targets of interest",
    short_title="PLATO",
    archive_table="platotargets",
    columns=(
        _name(name="target", meaning="PLATO target of interest"),
        _name(name="star", meaning="Number of the star in the input catalogue"),
        Column(name="verdict", unit="", meaning="Verdict", role=Role.LABEL, text=True),
        Column(
            name="votes",
            unit="",
            meaning="Votes for a planet",
            role=Role.BOOKKEEPING,
            leak="the verdict is the count of them",
        ),
        *with_errors(
            _size(name="period_hours", unit="h", meaning="Orbital period"), names=("_up", "_down")
        ),
        *with_errors(
            Column(name="first_transit", unit="d", meaning="First transit", role=Role.BOOKKEEPING),
            names=("_up", "_down"),
            role=Role.FEATURE,
        ),
        _size(name="transit_minutes", unit="min", meaning="Transit duration"),
        _size(name="depth_percent", unit="%", meaning="Transit depth"),
        _size(name="radius_jupiter", unit="R_jup", meaning="Planet radius"),
        _size(name="signal", unit="", meaning="Transit signal-to-noise ratio"),
        _value(name="star_kelvin", unit="K", meaning="Stellar effective temperature"),
        _value(name="star_gravity", unit="dex(cm / s2)", meaning="Stellar surface gravity"),
        _size(name="star_kilometres", unit="km", meaning="Stellar radius"),
        _value(name="p_magnitude", unit="mag", meaning="PLATO magnitude"),
        _size(name="transit_count", unit="", meaning="Number of transits", wide=True),
    ),
    label="verdict",
    labels={
        "PLANET": Disposition.CONFIRMED,
        "OPEN": Disposition.CANDIDATE,
        "NO PLANET": Disposition.FALSE_POSITIVE,
    },
    host="star",
    object_name=("target",),
    name_prefix="PTI ",
    quantities={
        "period": "period_hours",
        "period_upper": "period_hours_up",
        "period_lower": "period_hours_down",
        "epoch": "first_transit",
        "epoch_upper": "first_transit_up",
        "epoch_lower": "first_transit_down",
        "duration": "transit_minutes",
        "depth": "depth_percent",
        "radius": "radius_jupiter",
        "snr": "signal",
        "stellar_temperature": "star_kelvin",
        "stellar_gravity": "star_gravity",
        "stellar_radius": "star_kilometres",
        "magnitude": "p_magnitude",
        "transits": "transit_count",
    },
    zero_points={"epoch": 2457000.0},
    remarks={"magnitude": "Kepler's for PLATO"},
    electrons=4.5e9 / 6.5 * 10 ** (0.4 * 12),
    span=1470.0,
    limits=("It was made for a test.",),
    published=(Publication(task="vetting", hyperparameters={"n_estimators": 5, "max_depth": 2}),),
)

_WORDS = {"CONFIRMED": "planet", "CANDIDATE": "open", "FALSE POSITIVE": "no planet"}
_JUPITER = 11.20898
"""Jupiter's equatorial radius in Earth's, both nominal (IAU 2015 resolution B3)."""


def plato_rows(kepler: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the mission, measured on the objects of a Kepler table."""
    return pd.DataFrame(
        {
            "target": kepler["kepoi_name"].str.removeprefix("K"),
            "star": kepler["kepid"],
            "verdict": kepler["koi_disposition"].map(_WORDS),
            "votes": kepler["koi_disposition"].map({"CONFIRMED": 9, "CANDIDATE": 5}).fillna(1),
            "period_hours": kepler["koi_period"] * 24,
            "period_hours_up": kepler["koi_period_err1"] * 24,
            "period_hours_down": kepler["koi_period_err2"] * 24,
            "first_transit": kepler["koi_time0bk"] + 2454833.0 - 2457000.0,
            "first_transit_up": kepler["koi_time0bk_err1"],
            "first_transit_down": kepler["koi_time0bk_err2"],
            "transit_minutes": kepler["koi_duration"] * 60,
            "depth_percent": kepler["koi_depth"] / 10_000,
            "radius_jupiter": kepler["koi_prad"] / _JUPITER,
            "signal": kepler["koi_model_snr"],
            "star_kelvin": kepler["koi_steff"],
            "star_gravity": kepler["koi_slogg"],
            "star_kilometres": kepler["koi_srad"] * 695_700,
            "p_magnitude": kepler["koi_kepmag"],
            "transit_count": kepler["koi_num_transits"],
        }
    )


def plato_file(path: Path, kepler: pd.DataFrame) -> Path:
    """Write such rows as a file of the archive."""
    path.write_text("# Tue Mar  2 10:00:00 2027\n" + plato_rows(kepler).to_csv(index=False))
    return path

"""Examples of what the modern API takes and gives of light curves."""

from __future__ import annotations

from typing import Any

from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
from mlcore.datasets.missions.light_curves.stretches import STRETCHES
from mlcore.lightcurves.records import SignalRecord, StarRecord
from sessions_app.api.light_curve_serializers import StarSummarySerializer, declared_of, given

__all__ = ["EXAMPLES_OF_LIGHT_CURVES"]

_STAR = StarRecord(
    number=1,
    name="EPIC 201367065",
    file="EPIC201367065.csv",
    notes=["The times were taken for BKJD (BJD − 2454833), as K2's."],
    mission="K2",
    points=3632,
    span=80.07,
    cadence=0.0204,
    time_name="BKJD",
    time_zero=2454833.0,
    scatter=8.1e-05,
    time=[1977.1985, 1977.219],
    flux=[1.00002, 0.99987],
    trend=[1.00001, 1.00001],
    kept=[True, True],
    periods=[0.5, 10.0547],
    strengths=[2.1, 99.6],
    limit=6.0,
    numbers=[1, 2, 3],
)
_SIGNAL = SignalRecord(
    number=1,
    star=1,
    of_star=1,
    given=False,
    detected=True,
    period=10.0547,
    epoch=1980.4189,
    duration=2.5,
    depth=1153.0,
    strength=99.6,
    false_alarm=1e-30,
    measured=["trapezoid_ingress"],
    values=[0.08],
    near_phase=[-1.0, 0.0],
    near_flux=[-0.0011, -0.00115],
    near_error=[1e-05, 1e-05],
    near_model=[-0.0011, -0.00115],
)
_SHAPE = VETTING_TESTS["shape"]
_HALF = STRETCHES["half"]
_STAR_GIVEN = given(_STAR)
EXAMPLES_OF_LIGHT_CURVES: dict[str, Any] = {
    "DeclaredTest": declared_of(_SHAPE),
    "NewLightCurve": {
        "file": "time,flux,error\n1977.1985,1.00002,0.0001\n",
        "known_signals": [{"period": 10.05, "epoch": 2456813.42, "duration": 2.6}],
    },
    "Signal": given(_SIGNAL)
    | {
        "vetting": [
            {
                "test": _SHAPE.name,
                "title": _SHAPE.title,
                "question": _SHAPE.question,
                "outcome": "passed",
                "sentence": "Ingress takes 0.08 of the duration: the transit has a floor.",
                "value": 0.08,
                "decides": _SHAPE.decides,
                "least": None,
                "most": _SHAPE.most,
                "formula": _SHAPE.formula,
                "sources": [source.doi for source in _SHAPE.sources],
            }
        ],
        "stretches": [
            {
                "stretch": _HALF.name,
                "title": _HALF.title,
                "begin": 0.49,
                "end": 0.51,
                "probability": 0.91,
                "change": -0.51,
                "sentence": _HALF.sentence(0.4, 0.91),
            }
        ],
    },
    "Star": _STAR_GIVEN,
    "StarSummary": {name: _STAR_GIVEN[name] for name in StarSummarySerializer().fields},
}
"""By its name in the schema."""

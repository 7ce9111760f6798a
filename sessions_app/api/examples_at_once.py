"""Examples of what is asked at once of one object (see `sessions_app.api.examples`)."""

from __future__ import annotations

from typing import Any

from mlcore.in_words import level
from mlcore.levels import COVERAGE

__all__ = ["EXAMPLES_AT_ONCE"]

_LISTED = {"number": None, "name": "K00752.01", "host": "10797460"}
_PERIOD = {"column": "koi_period", "title": "Orbital period", "unit": "d", "unit_in_words": "days"}
_MOVABLE: dict[str, Any] = {
    **_PERIOD,
    "value": 9.48803557,
    "low": 0.496,
    "high": 585.86,
    "scale": "log",
    "contribution": 1.8746,
}
_TURN = "An orbital period of 2.37 days (now 9.49 days) would make it undecided."
_SAID: dict[str, Any] = {
    "object": _LISTED,
    "verdict": "likely planet",
    "prediction": "confirmed",
    "probabilities": {"candidate": 0.0, "false_positive": 0.133, "confirmed": 0.867},
    "conformal": {
        "answer": "confirmed",
        "possible": ["confirmed"],
        "coverage": COVERAGE,
        "p_values": [0.0106, 0.4],
        "reason": f"At {level(COVERAGE)} coverage only 'planet' remains.",
    },
    "novelty": {
        "outside": False,
        "columns": [],
        "sentence": "The object lies within what the model was trained on",
    },
    "checks": {
        "failed": [],
        "passed": [
            {
                "check": "planet_radius",
                "subject": "Planet radius",
                "unit": "R_earth",
                "question": "A planet is no larger than the most inflated hot Jupiters.",
                "formula": "R_p ≤ 2 R_Jup",
                "threshold": "2 Jupiter radii, 22.4 Earth radii",
                "source": "Chabrier and Baraffe 2000, ARA&A 38, 337",
                "outcome": "passed",
                "value": 2.26,
                "limit": 22.42,
            }
        ],
        "unchecked": ["odd_even_depth"],
    },
    "reasons": ["The transit takes 3.9 % of the orbit, which speaks against a planet"],
    "explained": {"output": 2.314, "base": 2.195, "meaning": "The model's own score of the class."},
    "values": {"koi_period": 3.2},
    "contributions": {"koi_period": 0.119},
    "columns": {"koi_period": {"title": "Orbital period", "unit": "d", "unit_in_words": "days"}},
}

EXAMPLES_AT_ONCE: dict[str, Any] = {
    "AskedValue": {
        **_PERIOD,
        "is_text": False,
        "minimum": 0.02,
        "maximum": 1000000.0,
        "low": 0.496,
        "high": 585.9,
        "share": 0.318,
        "help": "A number from 0.02 to 1000000 days; leave it empty where it is not known.",
    },
    "Changes": {"changes": {"koi_period": 3.2}},
    "ListedChanges": {"object": "K00752.01", "changes": {"koi_period": 3.2}},
    "MovableQuantities": {
        "object": _LISTED,
        "verdict": "likely planet",
        "quantities": [_MOVABLE],
    },
    "Predicted": _SAID
    | {
        "score_interval": None,
        "score_interval_sentence": "The catalogue gives no errors for this object, so its score has"
        " no interval",
        "nearest_neighbours": [
            {
                "name": "K00752.01",
                "host": "10797460",
                "disposition": "confirmed",
                "distance": 0.0023,
            }
        ],
        "understood": {
            "headings": [
                {
                    "heading": "P [d]",
                    "column": "koi_period",
                    "matched": "alias",
                    "stated_unit": "d",
                    "converted_from": None,
                    "converted_to": None,
                    "use": "feature",
                    "why": "",
                }
            ],
            "ignored": [],
            "missing": [
                {
                    "column": "koi_depth",
                    "title": "Transit depth",
                    "unit": "ppm",
                    "unit_in_words": "ppm",
                }
            ],
            "refit": None,
        },
        "warnings": [],
    },
    "Values": {
        "values": {
            "koi_period": 9.48,
            "Transit depth [ppm]": 616,
            "Rp": {"value": 0.2, "unit": "R_jup"},
            "Teff": 5455,
        }
    },
    "WhatIf": _SAID
    | {
        "changes": [_PERIOD | {"before": 9.48803557, "after": 3.2}],
        "before": {
            "verdict": "likely planet",
            "prediction": "confirmed",
            "probabilities": {"candidate": 0.0, "false_positive": 0.007, "confirmed": 0.993},
        },
        "warnings": [
            "The model was trained on objects of this star, so that its answer flatters it."
        ],
    },
    "WhatWouldChange": {
        "object": _LISTED,
        "verdict": "likely planet",
        "quantities": [
            _MOVABLE | {"at": 2.37, "verdict": "undecided", "throughout": False, "sentence": _TURN}
        ],
        "sentences": [_TURN],
    },
}

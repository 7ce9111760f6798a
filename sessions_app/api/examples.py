"""An example of each thing that the modern API takes and gives.

By its name in the schema; of what has none by its media type.

A test holds each against the schema, so that none can say what is not so.
"""

from __future__ import annotations

from typing import Any

from sessions_app.api.examples_at_once import EXAMPLES_AT_ONCE
from sessions_app.api.examples_of_datasets import EXAMPLES_OF_DATASETS, SNAPSHOT_EXAMPLE
from sessions_app.api.examples_of_light_curves import EXAMPLES_OF_LIGHT_CURVES
from sessions_app.lifecycle import Status

__all__ = ["EXAMPLES"]

_ID = "37dcc9c4-134e-5456-8ebc-f317ad304418"
_MODEL = "0b0f3c1e-52f4-5c3e-9a53-7c8f3f0f2a11"
_SESSION: dict[str, Any] = {
    "id": _ID,
    "name": "A first look",
    "status": str(Status.COMPLETED),
    "mission": "kepler",
    "task": "vetting",
    "data_source": "nasa",
    "snapshot": SNAPSHOT_EXAMPLE,
    "reference": SNAPSHOT_EXAMPLE,
    "seed": 0,
    "attempts": 1,
    "created_at": "2026-11-30T12:00:00.000000Z",
    "started_at": "2026-11-30T12:00:00.120000Z",
    "finished_at": "2026-11-30T12:00:06.480000Z",
    "error": "",
    "warnings": [],
    "reading": None,
}
_OBJECT: dict[str, Any] = {
    "number": 1,
    "name": "K00755.01",
    "host": "11754553",
    "prediction": "confirmed",
    "disposition": "confirmed",
    "probabilities": {"candidate": 0.0, "false_positive": 0.021, "confirmed": 0.979},
    "temperature": 5740.0,
    "values": {"koi_period": 2.525592, "koi_depth": 603.3},
    "contributions": {"koi_period": 0.31, "koi_depth": 0.12},
    "explained": {
        "output": 0.88,
        "base": 0.45,
        "meaning": "The model's own score of the class.",
    },
    "reasons": ["Transit depth of 603 ppm speaks for a planet"],
    "follow_up_rank": None,
    "conformal": EXAMPLES_AT_ONCE["Predicted"]["conformal"],
    "novelty": EXAMPLES_AT_ONCE["Predicted"]["novelty"],
    "checks": EXAMPLES_AT_ONCE["Predicted"]["checks"],
    "vetting": None,
    "stretches": None,
    "catalogue_row": None,
    "score_interval": None,
    "score_interval_sentence": EXAMPLES_AT_ONCE["Predicted"]["score_interval_sentence"],
    "nearest_neighbours": EXAMPLES_AT_ONCE["Predicted"]["nearest_neighbours"],
    "verdict": "likely planet",
    "mark": None,
    "at_planet_rate": None,
}
_METRICS = {"accuracy": 0.94, "rows": 1619, "split": "the fixed test split"}
_MODEL_IN_BRIEF: dict[str, Any] = {
    "id": _MODEL,
    "name": "kepler-vetting",
    "title": "Kepler: vetting",
    "mission": "kepler",
    "task": "vetting",
    "feature_set": "default",
    "model_type": "xgboost",
    "headline": {
        "name": "roc_auc",
        "title": "ROC-AUC",
        "value": 0.991,
        "low": 0.987,
        "high": 0.994,
        "rows": 1619,
        "stars": 1300,
        "split": "the fixed test split",
    },
    "warnings": [],
    "intended_use": "To rank objects of interest for follow-up.",
    "trained_on": [
        {
            "mission": "kepler",
            "dated": "2025-10-04",
            "sha256": SNAPSHOT_EXAMPLE["sha256"],
            "rows": 6070,
            "stars": 5020,
        }
    ],
    "finished_at": "2026-11-30T12:00:00Z",
}

_TABLE = {
    "mission": "kepler",
    "sha256": SNAPSHOT_EXAMPLE["sha256"],
    "file_sha256": "2ce666942323cf0e2003d5b473311a237b626f49d39d41e9706c3f5acf5fa78a",
    "dated": "2025-10-04",
    "source_description": "the table of the package",
    "rows": 9564,
}
_MODEL_FACTS = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 80}}

EXAMPLES: dict[str, Any] = {
    **EXAMPLES_AT_ONCE,
    **EXAMPLES_OF_DATASETS,
    **EXAMPLES_OF_LIGHT_CURVES,
    "Analysis": {
        "id": "9d5c6c1c-3a3f-4c53-8d2c-0f2b5f6f8f10",
        "status": str(Status.COMPLETED),
        "session": _ID,
        "analysis": "counterfactual",
        "object_number": 1,
        "wanted": "false_positive",
        "tree": None,
        "mission": "kepler",
        "task": "vetting",
        "seed": 0,
        "attempts": 1,
        "created_at": "2026-11-30T12:01:00.000000Z",
        "started_at": "2026-11-30T12:01:00.100000Z",
        "finished_at": "2026-11-30T12:01:01.200000Z",
        "error": "",
        "warnings": [],
        "answer": {"sentences": ["With a transit depth of 9000 ppm the answer would be another."]},
    },
    "Artifact": {
        "model_type": "random_forest",
        "files": [
            {
                "name": "estimator.skops",
                "size": 1048576,
                "sha256": "759f5ef836e4bc6fd2bb2c515c506b24ac9ce4146b80e5b4f8b45be2ad04769b",
            }
        ],
        "downloads": [
            {
                "format": "onnx",
                "url": f"http://localhost:5000/api/v1/training-sessions/{_ID}/artifacts/model.onnx",
            }
        ],
    },
    "text/html": '<!doctype html>\n<html lang="en"><title>A page</title></html>\n',
    "text/x-bibtex": "@misc{archive_cumulative,\n  title = {{Kepler objects of interest}},\n}\n",
    "Credentials": {"username": "ada", "password": "a passphrase"},
    "Directory": {
        "title": "Exoplanet Playground",
        "version": "1",
        "documentation": "http://localhost:5000/api/v1/docs",
        "schema": "http://localhost:5000/api/v1/schema",
        "problems": "http://localhost:5000/api/v1/problems",
        "addresses": {
            "training-session-detail": "http://localhost:5000/api/v1/training-sessions/{id}"
        },
    },
    "Features": {
        "features": [
            {
                "mission": "kepler",
                "column": "koi_period",
                "title": "Orbital period",
                "unit": "d",
                "unit_in_words": "days",
                "quantity": "period",
                "source": "NASA Exoplanet Archive",
                "derived": False,
                "computed_from": [],
            }
        ],
        "checks": [
            {
                "check": "radius",
                "subject": "planet radius",
                "unit": "R_earth",
                "question": "Is the object as small as a planet?",
                "formula": "R_p",
                "threshold": "at most 22 Earth radii",
                "source": "NASA Exoplanet Archive",
            }
        ],
    },
    "Manifest": {
        "format": 1,
        "software": {"title": "Exoplanet Playground", "version": "0.1.0"},
        "session": {
            "id": _ID,
            "kind": "training",
            "created_at": "2026-11-30T12:00:00+00:00",
            "finished_at": "2026-11-30T12:00:06.480000+00:00",
        },
        "request": {"mission": "kepler", "task": "vetting", "seed": 0, **_MODEL_FACTS},
        "snapshot": _TABLE,
        "reference": _TABLE,
        "catalogues": [],
        "files": [],
        "versions": {"python": "3.11.7", "scikit-learn": "1.9.1"},
        "machine": "x86_64",
        "model_info": {
            **_MODEL_FACTS,
            "columns": list(_OBJECT["values"]),
            "left_out": [],
            "train_rows": 6054,
        },
        "artifact": {
            "estimator.skops": "759f5ef836e4bc6fd2bb2c515c506b24ac9ce4146b80e5b4f8b45be2ad04769b"
        },
        "metrics": _METRICS,
        "predictions": {
            "rows": 3510,
            "sha256": {"name": "5b1adeedc5b6c18d7f05de5babe792aac0ab4d56e2b80f4f5700166142554c86"},
        },
    },
    "ModelCard": {
        **_MODEL_IN_BRIEF,
        "hyperparameters": {"n_estimators": 400},
        "card": {"name": "kepler-vetting", "title": "Kepler: vetting"},
    },
    "NewAnalysis": {
        "session": _ID,
        "analysis": "counterfactual",
        "object_number": 1,
        "wanted": "false_positive",
    },
    "NewPrediction": {"data_source": "user", "mission": "kepler"},
    "NewTraining": {
        "model_type": "random_forest",
        "hyperparameters": {"n_estimators": 80},
        "data_source": "nasa",
        "mission": "kepler",
        "task": "vetting",
    },
    "ObjectPrediction": _OBJECT,
    "ObjectVerdict": {
        "mission": "kepler",
        "name": "K00755.01",
        "host": "11754553",
        "disposition": "confirmed",
        "verdict": "likely planet",
        "probabilities": {"false_positive": 0.021, "confirmed": 0.979},
        "possible": ["confirmed"],
        "scored_by": "fold 3",
    },
    "PlotEntry": {
        "name": "roc",
        "title": "ROC curve",
        "url": f"http://localhost:5000/api/v1/training-sessions/{_ID}/plots/roc",
    },
    "PredictionSession": _SESSION | {"model": _MODEL},
    "ProblemKind": {
        "type": "/api/v1/problems/gone",
        "title": "Gone",
        "status": 410,
        "meaning": "What a session left is no longer on the server.",
        "remedy": "Run the session again.",
    },
    "PublishedModel": _MODEL_IN_BRIEF,
    "Readiness": {
        "ready": True,
        "problems": [],
        "warnings": [],
        "database": True,
        "workers": 2,
        "busy_workers": 1,
        "reapers": 1,
        "waiting": 0,
        "oldest_wait_seconds": 0.0,
        "machines": [{"name": "playground", "workers": 2, "busy_workers": 1, "reapers": 1}],
        "free_bytes": {"/srv/playground/media": 123456789012},
    },
    "Renaming": {"name": "A first look"},
    "Result": {
        "id": _ID,
        "task": "vetting",
        "mark": None,
        "metrics": _METRICS,
        "metrics_before": None,
        "report": {"read_first": []},
        "model_info": {"model_type": "random_forest", "columns": list(_OBJECT["values"])},
        "warnings": [],
        "reading": None,
        "evidence": {
            "complete": True,
            "gathered_by": None,
            "parts": [
                {
                    "part": "permutation_importance",
                    "meaning": "How much worse it gets without each quantity.",
                    "status": "there",
                    "error": None,
                }
            ],
        },
    },
    "Standing": {"status": str(Status.RUNNING), "percent": 42.0, "step": "Fitting the model"},
    "Token": {"token": "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"},
    "TrainingSession": _SESSION
    | _MODEL_FACTS
    | {
        "feature_set": "default",
        "label_derived_columns": [],
        "protocols": [],
        "published": False,
    },
    "application/vnd.vegalite.v6+json": {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": "ROC curve",
        "description": "The share of planets that are found, against that of what is let through.",
        "data": {"values": [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0}]},
        "mark": "line",
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {"field": "y", "type": "quantitative"},
        },
        "config": {},
    },
}

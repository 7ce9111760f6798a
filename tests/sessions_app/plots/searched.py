"""What a search reports, of a few trials."""

from __future__ import annotations

from typing import Any

NAMES = ("log_loss", "roc_auc", "average_precision", "accuracy")


def figures(loss: float) -> dict[str, Any]:
    return {
        name: {
            "name": name,
            "of": None,
            "value": value,
            "low": value - 0.01,
            "high": value + 0.01,
            "note": None,
            "rows": 100,
            "stars": 80,
            "split": "training rows",
        }
        for name, value in zip(NAMES, (loss, 1 - loss, 0.99 - loss, 0.9 - loss), strict=True)
    }


def trial(number: int, loss: float | None, seconds: float, **fields: Any) -> dict[str, Any]:
    return {
        "number": number,
        "label": "XGBoost",
        "model_type": "xgboost",
        "hyperparameters": {"max_depth": 3, "learning_rate": 0.10123, "subsample": None},
        "state": "finished" if loss else "given_up",
        "note": None if loss else "Given up after 1 of 5 folds.",
        "rank": None,
        "weight": 0.0,
        "seconds": seconds,
        "figures": loss and figures(loss),
    } | fields


SEARCH = {
    "rows": 100,
    "folds": 5,
    "seconds": 12.0,
    "notes": ["3 trials in 12 of 30 seconds."],
    "ensemble": figures(0.1),
    "trials": [
        trial(2, 0.12, 4.0, rank=1, weight=1.0, label="Random forest"),
        trial(1, 0.3, 2.0, rank=2),
        trial(3, None, 1.0),
    ],
}

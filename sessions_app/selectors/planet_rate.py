"""Probabilities as they are where another share of the objects are planets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.calibration.prior_shift import prior_corrected, with_planet_rate
from mlcore.datasets import CLASSES
from mlcore.tasks import find_task
from sessions_app.exceptions import RefusedError, naming

if TYPE_CHECKING:
    from mlcore.datasets import Disposition
    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session

__all__ = ["ExpectedRate", "expected_rate", "prior_corrected_prediction"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedRate:
    """A rate of planets that a user expects, beside that of the rows trained on."""

    rate: float
    classes: tuple[Disposition, ...]
    trained: tuple[float, ...]
    """Share of each class among the rows that the model was trained on."""
    expected: tuple[float, ...]


def expected_rate(session: Session, rate: float) -> ExpectedRate:
    """Return what correcting a session's probabilities for a rate needs.

    Refused when the rate is not between 0 and 1, or when the session does not say what it was
    trained on.
    """
    frequencies = (session.model or {}).get("frequencies")
    if frequencies is None:
        raise RefusedError(
            "planet_rate: the session was run before the shares of its training rows were kept.",
            field="planet_rate",
        )
    classes = tuple(label for label in find_task(session.task).classes if label in frequencies)
    trained = tuple(float(frequencies[label]) for label in classes)
    with naming("planet_rate"):
        expected = with_planet_rate(trained, rate, classes=classes)
    return ExpectedRate(rate=rate, classes=classes, trained=trained, expected=tuple(expected))


def prior_corrected_prediction(row: ObjectPrediction, at: ExpectedRate) -> dict[str, Any]:
    """Return an object's most probable class and probabilities at an expected rate of planets."""
    places = [CLASSES.index(label) for label in at.classes]
    stated = np.array([[row.probabilities[place] for place in places]])
    total = stated.sum(axis=1, keepdims=True)
    corrected = prior_corrected(stated / total, trained=at.trained, expected=at.expected)[0]
    return {
        "rate": at.rate,
        "prediction": str(at.classes[int(corrected.argmax())]),
        "probabilities": {
            str(label): float(value) for label, value in zip(at.classes, corrected, strict=True)
        },
    }

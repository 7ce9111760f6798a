"""Completed sessions that say something of a few objects, without a worker that ran them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

PLANETS, OTHERS = range(1, 13), range(13, 31)
"""Numbers of objects that are planets, and of those that are not."""


def name_of(number: int) -> str:
    return f"K{number:05}.01"


def chances(off: float = 0.0) -> dict[str, float]:
    """Return a probability of a planet for each object; the further off the less it is worth."""
    planets = {name_of(number): 0.95 - 0.03 * (number % 5) - off for number in PLANETS}
    others = {name_of(number): 0.05 + 0.03 * (number % 5) + off for number in OTHERS}
    return planets | others


def completed_session(
    said: Mapping[str, float], *, actual: Mapping[str, str | None] | None = None, **fields: Any
) -> TrainingSession:
    """Keep a completed session that says this of objects: a probability of a planet each."""
    now = timezone.now()
    session = TrainingSession.objects.create(
        **{
            "kind": "training",
            "status": Status.COMPLETED,
            "mission": "kepler",
            "task": "vetting",
            "data_source": "user",
            "model_type": "decision_tree",
            "hyperparameters": {"max_depth": 4},
            "started_at": now,
            "finished_at": now,
        }
        | fields
    )
    known = {name_of(number): "confirmed" for number in PLANETS}
    known |= {name_of(number): "false_positive" for number in OTHERS}
    keep_objects(
        session,
        [
            an_object(
                number,
                name=name,
                host=name.split(".")[0],
                label="confirmed" if planet > 0.5 else "false_positive",
                actual=(known if actual is None else actual).get(name),
                probabilities=[0.0, 1 - planet, planet],
                verdict=verdict_of(planet),
            )
            for number, (name, planet) in enumerate(said.items(), start=1)
        ],
    )
    return session


def verdict_of(planet: float) -> str:
    if planet > 0.6:
        return "likely planet"
    return "likely false positive" if planet < 0.4 else "undecided"

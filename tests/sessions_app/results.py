"""Results' files of sessions that no worker ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.jobs.messages import PREDICTIONS, RESULTS
from mlcore.prediction.stored import ObjectPrediction
from mlcore.prediction.writing import write_objects
from sessions_app import selectors
from sessions_app.files import storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessions_app.models import Session


def an_object(number: int = 1, **fields: Any) -> ObjectPrediction:
    """Return what is said of some object, but for what a test is about."""
    return ObjectPrediction(
        number=number,
        **{
            "name": f"K{number:05}.01",
            "host": str(number),
            "label": "confirmed",
            "actual": None,
            "probabilities": [0.1, 0.2, 0.7],
            "temperature": None,
            "values": [],
            "contributions": [],
            "base": 0.0,
            "output": 0.0,
            "reasons": [],
            "follow_up_rank": None,
            "judgement": None,
            "verdict": None,
        }
        | fields,
    )


def keep_objects(session: Session, objects: Sequence[ObjectPrediction]) -> None:
    """Let a session have said this of its objects."""
    with storage.work_folder(session.pk) as folder:
        (folder / RESULTS).mkdir()
        write_objects(objects, folder / PREDICTIONS)
        storage.keep_folder(folder / RESULTS, storage.results_folder(session.pk))


def objects(session: Session) -> list[ObjectPrediction]:
    """Return all that a session says of its objects."""
    return list(selectors.objects_of(session))

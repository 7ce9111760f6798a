"""A result as JSON in pieces: the same object, in a memory that does not grow with its rows."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.api.legacy import _model_info, _prediction
from sessions_app.api.serializers import ResultSerializer
from sessions_app.models import ObjectPrediction
from tests.served import strict_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db

ADDRESSES = ["/api/custom/result/{id}", "/api/v1/training-sessions/{id}/result"]


@pytest.fixture
def with_rows(make_session: Callable[..., TrainingSession]) -> Callable[[int], TrainingSession]:
    """Return a function that writes a completed session with so many objects."""

    def make(rows: int) -> TrainingSession:
        columns = [f"column_{n}" for n in range(20)]
        model: dict[str, Any] = {"columns": columns, "model_type": "decision_tree", "seed": 0}
        session = make_session(
            model=model
            | {"hyperparameters": {}, "test_rows": rows, "versions": {}, "train_rows": 1}
        )
        ObjectPrediction.objects.bulk_create(
            ObjectPrediction(
                session=session,
                number=n + 1,
                name=f"K{n:05}.01 “é”",
                host=str(n),
                label="confirmed",
                probabilities=[0.1, 0.2, 0.7],
                values=[None, *(float(n) for n in range(19))],
                contributions=[1e-300 * n for n in range(20)],
                base=0.1,
                output=0.9,
                reasons=["Transit depth of 603 ppm speaks for a planet"] * 5,
            )
            for n in range(rows)
        )
        return session

    return make


@pytest.mark.parametrize("rows", [0, 1, 600])
def test_both_interfaces_give_the_same_object_as_in_one_piece(
    client: Client, with_rows: Callable[[int], TrainingSession], rows: int
) -> None:
    session = with_rows(rows)
    old, new = (client.get(address.format(id=session.pk)) for address in ADDRESSES)
    assert old["Content-Type"] == new["Content-Type"] == "application/json"
    assert strict_json(new.getvalue().decode()) == json.loads(
        json.dumps(ResultSerializer(session).data, default=str)
    )
    columns = session.model["columns"] if session.model else []
    assert strict_json(old.getvalue().decode()) == {
        "success": True,
        "metrics": {
            "rows": session.model["test_rows"],
            "note": "No row has a true label, so that nothing can be measured.",
        },
        "predictions": [_prediction(row, columns) for row in session.predictions.all()],
        "model_info": _model_info(session),
        "warnings": [],
    }


@pytest.mark.parametrize(
    "address", [pytest.param(ADDRESSES[0], marks=pytest.mark.long), ADDRESSES[1]]
)
def test_four_times_the_rows_take_no_more_memory(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str
) -> None:
    peaks = []
    for rows in (500, 500, 2000):
        answer = client.get(address.format(id=with_rows(rows).pk))
        tracemalloc.start()
        size = sum(len(piece) for piece in answer.streaming_content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert size > rows * 500
    # The first one also loads what is loaded once.
    assert peaks[2] < 1.3 * peaks[1]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_result_that_is_deleted_meanwhile_is_not_taken_for_a_shorter_one(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str
) -> None:
    session = with_rows(600)
    pieces = iter(client.get(address.format(id=session.pk)).streaming_content)
    while b"K00000.01" not in next(pieces):
        pass
    session.delete()
    with pytest.raises(LookupError):
        list(pieces)

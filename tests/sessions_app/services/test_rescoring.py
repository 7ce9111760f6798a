"""Scoring the current table again with a session's model."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_app.exceptions import RefusedError
from sessions_app.models import AnalysisSession, DatasetSnapshot, PredictionSession, TrainingSession
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import score_again
from tests.sessions_app.snapshots import kept_snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

ROWS: dict[str, Any] = {"kepoi_name": ["K00001.01"], "koi_disposition": ["CONFIRMED"]}
OTHER_ROWS = {**ROWS, "kepoi_name": ["K00002.01"]}


def model(**fields: Any) -> TrainingSession:
    return TrainingSession.objects.create(
        **{
            "kind": "training",
            "status": "completed",
            "mission": "kepler",
            "data_source": "nasa",
            "model_type": "svm",
            "seed": 7,
        }
        | fields
    )


def prediction(**fields: Any) -> PredictionSession:
    return PredictionSession.objects.create(
        **{
            "kind": "prediction",
            "status": "completed",
            "mission": "kepler",
            "data_source": "nasa",
            "published_model": model(),
        }
        | fields
    )


def current() -> DatasetSnapshot:
    return kept_snapshot(OTHER_ROWS, is_current=True)


def test_a_model_and_a_prediction_are_scored_on_the_table_as_it_is_now() -> None:
    older, newer = kept_snapshot(ROWS), current()
    trained, predicted = model(snapshot=older), prediction(snapshot=older)
    for session, used in ((trained, trained), (predicted, predicted.published_model)):
        started = score_again(session)
        assert (started.snapshot, started.published_model, started.status) == (
            newer,
            used,
            "queued",
        )
        assert started.seed == session.seed
        session.refresh_from_db()
        assert session.snapshot == older
    assert next_in_turn() is not None


def test_what_cannot_be_scored_again_is_refused_in_a_sentence() -> None:
    table = current()
    analysis = AnalysisSession.objects.create(
        kind="analysis", status="completed", mission="kepler", data_source="nasa", of=model(),
        analysis="importance",
    )  # fmt: skip
    for session, sentence in (
        (model(status="failed"), "It is failed, and only a completed session has a model"),
        (analysis, "An analysis scores nothing"),
        (model(mission="joint"), "Its model is of all missions"),
        (prediction(data_source="user"), "Its rows are a user's own file"),
        (prediction(snapshot=table), "It scored the current snapshot already"),
        (model(mission="tess"), "the tess table is not loaded on this server"),
    ):
        with pytest.raises(RefusedError, match=sentence):
            score_again(session)
    assert not PredictionSession.objects.filter(status="queued").exists()

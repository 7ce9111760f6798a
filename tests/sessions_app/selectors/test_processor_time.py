from __future__ import annotations

from uuid import uuid4

import pytest

from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, TrainingSession
from sessions_app.selectors.processor_time import processor_seconds

pytestmark = pytest.mark.django_db


def session(cpu_seconds: float | None) -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training",
        status=Status.COMPLETED,
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        cpu_seconds=cpu_seconds,
    )


def analysis(of: TrainingSession, cpu_seconds: float | None) -> None:
    AnalysisSession.objects.create(
        kind="analysis",
        status=Status.COMPLETED,
        mission="kepler",
        data_source="nasa",
        of=of,
        analysis="ablation",
        cpu_seconds=cpu_seconds,
    )


@pytest.mark.long
def test_a_session_has_taken_what_it_and_its_analyses_took() -> None:
    analysed, alone, other = session(2.0), session(1.5), session(8.0)
    analysis(analysed, 0.5)
    analysis(analysed, 0.25)
    analysis(other, 4.0)
    ids = [str(analysed.pk), str(alone.pk)]
    assert processor_seconds(ids) == {ids[0]: 2.75, ids[1]: 1.5}


def test_what_has_not_ended_has_no_sum_yet() -> None:
    running = session(2.0)
    analysis(running, None)
    with pytest.raises(LookupError, match=str(running.pk)):
        processor_seconds([str(running.pk)])
    unknown = str(uuid4())
    with pytest.raises(LookupError, match=unknown):
        processor_seconds([unknown])

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessions_app import services, tasks
from sessions_app.lifecycle import Status
from sessions_app.models import Session
from sessions_app.services import ArchiveData

if TYPE_CHECKING:
    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_task_in_the_queue_runs_the_session_to_its_end(
    kepler: DatasetSnapshot, jobs: None
) -> None:
    session = services.start_training(
        model_type="decision_tree", hyperparameters={}, data=ArchiveData(mission="kepler")
    )
    tasks.run_next()
    assert Session.objects.get(pk=session.pk).status == Status.COMPLETED


def test_a_task_that_finds_no_session_ends_quietly() -> None:
    tasks.run_next()
    assert not Session.objects.exists()

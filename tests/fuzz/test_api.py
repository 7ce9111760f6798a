"""Whatever is sent to the modern API is answered as its schema says, and never with a 5xx.

Schemathesis draws the requests from the schema itself: ones that fit it, and ones that break it in
one place. `EXOPLANET_FUZZ=full` draws forty times as many, and the bounds of every field.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exoplanet.wsgi import application
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.services import ArchiveData
from tests.fuzz.account import count
from tests.fuzz.effort import FULL, examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis import Case

    from sessions_app.models import Session

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]

PROBLEM = {"type", "title", "status", "detail", "request_id"}
"""What every refusal has (RFC 9457)."""
LONGEST_SECONDS = 20.0
"""For one request, on a machine that is busy."""
WITH_A_PROCESS = (
    *("/predict", "/what-if", "/movable-quantities", "/what-would-change"),
    *("/plots/{name}", "/export", "/artifacts/model.onnx"),
)
"""Where a process is started that answers: it imports its libraries, and may fit a model."""
LONGEST_SECONDS_WITH_A_PROCESS = 100.0


def served(environ: Any, start_response: Any) -> list[bytes]:
    """Answer as a server does, which closes what it has sent, and with it what was uploaded."""
    body = application(environ, start_response)
    try:
        return [b"".join(body)]
    finally:
        if hasattr(body, "close"):
            body.close()


schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
schema.app = served
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
# Each process that runs tests would draw them for seconds, before it knows whether it sends them.
schema.config.phases.coverage.enabled = FULL


@pytest.fixture(scope="module")
def sessions(unlimited_server: Path) -> Iterator[list[Session]]:
    """Return sessions of every kind, in every state that lasts."""
    kepler = ArchiveData(mission="kepler")
    tree = {"model_type": "decision_tree", "hyperparameters": {}, "data": kepler}
    waiting, cancelled = (services.start_training(**tree) for _ in range(2))
    services.cancel_session(cancelled.pk)
    completed = services.start_training(**tree)
    predicted = services.start_prediction(data=kepler, task="vetting")
    for session in (completed, predicted):
        worker.execute(session.pk)
    analysis = services.start_analysis(completed.pk, "decision_path", object_number=1)
    worker.execute(analysis.pk)
    started = [waiting, cancelled, completed, predicted, analysis]
    for session in started:
        session.refresh_from_db()
    assert [record.status for record in started] == ["queued", "cancelled", *["completed"] * 3]
    yield [services.published_model("kepler", task="vetting"), *started]
    worker.close()


@pytest.mark.sampled(every=3)
@schema.parametrize()
@examples(short=3, full=300)
def test_every_request_is_answered_as_the_schema_says(case: Case, sessions: list[Session]) -> None:
    _mean_sessions_that_are_there(case, sessions)
    if case.query.get("wait") in range(1, 31):
        # Nothing happens that could be waited for.
        case.query["wait"] = 1
    # What one request does must not be there for the next one.
    with transaction.atomic():
        # What calls the application in place of a server unpacks nothing.
        answer = case.call(headers={"Accept-Encoding": "identity"})
        transaction.set_rollback(True)
    case.validate_response(
        answer,
        checks=[
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
    # Without a worker the server is not ready, and says so.
    allowed = {HTTPStatus.SERVICE_UNAVAILABLE} if case.path.endswith("/ready") else set()
    assert answer.status_code < 500 or answer.status_code in allowed, answer.text
    starts = case.path.endswith(WITH_A_PROCESS)
    assert answer.elapsed < (LONGEST_SECONDS_WITH_A_PROCESS if starts else LONGEST_SECONDS)
    if 400 <= answer.status_code < 500:
        problem = answer.json()
        assert set(problem) >= PROBLEM
        assert problem["detail"].endswith(".")
        assert not any(word in answer.text for word in ("Traceback", "psycopg", "site-packages"))
    count("requests to the modern API", refused=answer.status_code >= 400)


def _mean_sessions_that_are_there(case: Case, sessions: list[Session]) -> None:
    """Put the id of a session in the place of every id that was drawn."""
    for part in (case.path_parameters, case.body):
        if isinstance(part, dict):
            for name in {"id", "session", "model"} & set(part):
                if _is_uuid(part[name]):
                    # Always the same one for the same draw, so that a failure can be shown again.
                    part[name] = str(sessions[uuid.UUID(part[name]).int % len(sessions)].pk)


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False

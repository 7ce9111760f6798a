"""Names that people give to their sessions."""

from __future__ import annotations

import pytest

from sessions_app.exceptions import RefusedError
from sessions_app.models import TrainingSession
from sessions_app.selectors.session_titles import lettered, plain_title, session_title
from sessions_app.services import rename_session
from tests.sessions_app.services.ended_sessions import common

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> TrainingSession:
    fields = {**common(0, "completed"), "kind": "training", "model_type": "svm"}
    return TrainingSession.objects.create(**fields)


def test_a_session_is_called_what_it_does_until_it_has_a_name(session: TrainingSession) -> None:
    assert session_title(session) == plain_title(session)
    assert rename_session(session.pk, "  my \t first\nforest ") == "my first forest"
    session.refresh_from_db()
    assert session_title(session) == "my first forest"
    assert lettered([session, session]) == ["A: my first forest", "B: my first forest"]
    assert rename_session(session.pk, " ") == ""
    session.refresh_from_db()
    assert session_title(session) == plain_title(session)


@pytest.mark.parametrize(
    ("name", "said"), [("x" * 81, "81 characters, but it can have 80"), ("a\u202eb", "not shown")]
)
def test_a_name_that_cannot_be_shown_is_refused(
    session: TrainingSession, name: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said) as refused:
        rename_session(session.pk, name)
    assert refused.value.field == "name"
    session.refresh_from_db()
    assert session.name == ""

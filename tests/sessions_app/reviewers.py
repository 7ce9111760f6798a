"""Reviewers, and sessions whose objects they review."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import Group, User

from sessions_app.models import TrainingSession
from tests.sessions_app.results import an_object, keep_objects
from tests.sessions_app.snapshots import kept_snapshot

if TYPE_CHECKING:
    from mlcore.prediction.stored import ObjectPrediction

KEPLER = {
    "kepoi_name": [f"K{number:05}.01" for number in range(1, 13)],
    "kepid": [str(100 + number) for number in range(1, 13)],
    "koi_disposition": ["CONFIRMED", "FALSE POSITIVE", "CANDIDATE"] * 4,
    "koi_period": [float(number) for number in range(1, 13)],
    "koi_depth": [None, *(100.0 * number for number in range(2, 13))],
    "in_test_split": [True] * 12,
}


def reviewer(name: str = "ada") -> User:
    """Return staff in the group that a migration made; tests that empty tables empty it too."""
    import_module("sessions_app.migrations.0020_reviewers").make_group(apps)
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewers"))
    return user


def on_the_table(objects: list[ObjectPrediction] | None = None, **fields: Any) -> TrainingSession:
    """Return a completed session on a snapshot of twelve objects, all called confirmed."""
    session = TrainingSession.objects.create(
        **{
            "kind": "training",
            "status": "completed",
            "mission": "kepler",
            "data_source": "nasa",
            "snapshot": kept_snapshot(KEPLER) if "snapshot" not in fields else None,
            "model_type": "svm",
            "model": {"columns": ["koi_period", "koi_depth", "derived_of_both"]},
        }
        | fields
    )
    keep_objects(session, objects or [an_object(number) for number in range(1, 13)])
    return session

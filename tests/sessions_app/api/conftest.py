"""A small table to train on, callers of every kind, and sessions to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission, User
from drf_spectacular.generators import SchemaGenerator
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from sessions_app.models import TrainingSession
from tests.sessions_app.results import keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def schema() -> Any:
    """Return the schema of the modern API."""
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password="a passphrase for the tests")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob", password="another passphrase")


@pytest.fixture
def staff() -> User:
    """An operator who may look at everything and was given no permission beyond."""
    return User.objects.create_user("grace", password="a third passphrase", is_staff=True)


@pytest.fixture
def operator() -> User:
    """An operator who may change and delete sessions, as the admin asks for it."""
    user = User.objects.create_user("joan", password="a fourth passphrase", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__regex="^(change|delete)_(training|prediction|analysis)")
    )
    return user


def caller_with_token(user: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    token, _ = Token.objects.get_or_create(user=user)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
    return client


@pytest.fixture
def as_user() -> Callable[[User], APIClient]:
    """Return a function that makes a caller with a user's token."""
    return caller_with_token


@pytest.fixture
def anonymous() -> Callable[[], APIClient]:
    """Return a function that makes a caller without an account and, at first, without a cookie."""
    return lambda: APIClient(raise_request_exception=False)


@pytest.fixture
def make_session(media: Path) -> Callable[..., TrainingSession]:
    """Return a function that writes a training session of an owner, its result without objects."""

    def make(owner_key: str = "", **facts: Any) -> TrainingSession:
        session = TrainingSession.objects.create(
            **{
                "kind": "training",
                "status": "completed",
                "mission": "kepler",
                "data_source": "nasa",
                "model_type": "decision_tree",
                "owner_key": owner_key,
            }
            | facts
        )
        keep_objects(session, [])
        return session

    return make


@pytest.fixture
def nobodys(make_session: Callable[..., TrainingSession]) -> TrainingSession:
    return make_session("anonymous:somebody", model={"columns": []})

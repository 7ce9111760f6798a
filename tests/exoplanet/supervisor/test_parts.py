"""What a host runs for its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.supervisor.address import WebAddress
from exoplanet.supervisor.parts import Parts
from exoplanet.supervisor.roles import Role

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

BUCKET = {"bucket_name": "planets", "location": ""}


def names(*roles: Role) -> list[str]:
    address = WebAddress(host="127.0.0.1", port=1)
    parts: Any = Parts(roles, address=address, relay=None, facts=lambda: pytest.fail("nobody asks"))
    return [part.service.name for part in (*parts.first, *parts.later)]


def test_a_host_runs_what_its_roles_are() -> None:
    assert names(Role.WEB) == ["The web server"]
    assert names(Role.WORKERS) == ["The job queue", "The evidence queue"]
    assert names(Role.REAPER) == ["The reaper"]


def test_a_host_with_files_of_its_own_has_a_reaper_of_its_own(settings: SettingsWrapper) -> None:
    settings.EXOPLANET_STORAGE = BUCKET
    assert names(Role.WEB) == ["The web server", "The reaper"]
    assert names(Role.WORKERS) == ["The job queue", "The evidence queue", "The reaper"]
    assert names(Role.REAPER) == ["The reaper"]

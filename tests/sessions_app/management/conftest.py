"""The same small snapshots and media folders as the tests of the services have."""

from __future__ import annotations

from tests.sessions_app.conftest import jobs, kepler, kept, media, no_network

__all__ = ["jobs", "kepler", "kept", "media", "no_network"]

"""Sessions with a real result."""

from __future__ import annotations

from tests.sessions_app.web.conftest import completed, done

__all__ = ["completed", "done"]

"""What operators see and do; Django finds this package by its name."""

from __future__ import annotations

from sessions_app.admin import sessions

__all__ = ["sessions"]

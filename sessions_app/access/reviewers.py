"""Who may write reviews of objects."""

from __future__ import annotations

from typing import Any

__all__ = ["may_review"]


def may_review(user: Any) -> bool:
    """Tell whether a user may write a verdict on objects: staff of the group Reviewers may."""
    return bool(
        user is not None
        and user.is_active
        and user.is_staff
        and user.has_perm("sessions_app.add_objectreview")
    )

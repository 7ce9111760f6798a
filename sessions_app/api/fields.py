"""Fields that requests have in common."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sessions_app.models.snapshot import mission_choices

__all__ = ["MissionField"]


class MissionField(serializers.ChoiceField):
    """A mission's name; each serializer asks anew which there are, as it copies its fields."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=mission_choices(), **kwargs)

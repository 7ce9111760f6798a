"""A mission's table that is loaded again because somebody asked for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from sessions_app.models.snapshot import DatasetSnapshot, mission_choices


class SnapshotLoad(models.Model):
    """One load of a mission's table by a worker, and how far it is."""

    mission = models.CharField(max_length=16, choices=mission_choices)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    percent = models.FloatField(default=0.0)
    step = models.TextField(default="Waiting for a worker", help_text="The current step in words.")
    error = models.TextField(blank=True, help_text="Why no table was loaded.")
    notes = models.JSONField(
        default=list, help_text="Why sources were not taken that come before, as sentences."
    )
    snapshot = models.ForeignKey(
        DatasetSnapshot, null=True, on_delete=models.SET_NULL, related_name="loads"
    )
    is_new = models.BooleanField(
        default=False, help_text="Whether the table differs from all that were loaded before."
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"loading {self.get_mission_display()}"

"""Each time that a worker ran a session."""

from __future__ import annotations

from django.db import models

from sessions_app.lifecycle import AttemptEnding
from sessions_app.models.session import Session


class Attempt(models.Model):
    """One run of a session by one worker; a session that runs again keeps its earlier ones."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="history")
    number = models.PositiveSmallIntegerField(help_text="From 1; retries go on counting.")
    worker = models.TextField(blank=True, help_text="The machine and the process that ran it.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True)
    ending = models.CharField(
        max_length=16, choices=AttemptEnding, blank=True, help_text="Empty while it runs."
    )
    error = models.TextField(blank=True, help_text="Why it ended without a result, for the user.")
    traceback = models.TextField(blank=True, help_text="The same for operators.")
    peak_memory_bytes = models.BigIntegerField(null=True, blank=True)
    cpu_seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="attempt_numbered_once"),
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(ending=""), name="one_attempt_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}, {self.ending or 'running'}"

"""How far a session came, and when."""

from __future__ import annotations

from django.db import models

from sessions_app.models.session import Session


class ProgressEntry(models.Model):
    """A worker's report; the newest one is where the session stands."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="progress")
    percent = models.FloatField()
    step = models.TextField(help_text="The current step in words.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["session", "id"]
        verbose_name_plural = "progress entries"
        indexes = [models.Index(fields=["session", "-id"], name="newest_progress")]

    def __str__(self) -> str:
        return f"{self.percent:.0f} %: {self.step}"

"""How many requests somebody has made in the minute that runs."""

from __future__ import annotations

from django.db import models


class RequestCount(models.Model):
    """A count that all processes share; its table is unlogged, for it need not survive a crash."""

    key = models.CharField(max_length=120, primary_key=True, help_text="The scope and who asks.")
    minute = models.BigIntegerField(db_index=True, help_text="Minutes since 1970.")
    requests = models.PositiveIntegerField()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}: {self.requests}"

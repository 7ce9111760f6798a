"""Answers that are given again when a request is repeated."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class IdempotencyKey(models.Model):
    """What a request with an Idempotency-Key asked, and the answer that it was given."""

    owner_key = models.CharField(max_length=80, help_text="Who sent the key.")
    key = models.CharField(max_length=255)
    target = models.CharField(max_length=200, help_text="Method and path of the request.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of its fields and files.")
    status = models.PositiveSmallIntegerField(help_text="HTTP status of the answer.")
    body = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner_key", "key"], name="one_answer_for_a_key")
        ]

    def __str__(self) -> str:
        return f"{self.target} ({self.key})"

"""The hosts that work on one database, and what they have to have in common."""

from __future__ import annotations

import uuid

from django.db import models


class Installation(models.Model):
    """What all hosts share; one row, written by the first of them."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    store = models.UUIDField(default=uuid.uuid4, help_text="What the media folder is marked with.")
    key_digest = models.CharField(
        max_length=64, help_text="A keyed digest of the secret key, from which nobody gets the key."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return f"installation {self.store}"


class Host(models.Model):
    """A host as it was when it started last; that it is present is told by its lock alone."""

    number = models.BigIntegerField(primary_key=True, help_text="A hash of the name.")
    name = models.TextField(unique=True)
    roles = models.JSONField(default=list, help_text="What it runs.")
    version = models.CharField(max_length=64, help_text="A digest of its code.")
    libraries = models.JSONField(default=dict, help_text="The versions that figures depend on.")
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

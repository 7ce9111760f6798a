"""Files that users sent."""

from __future__ import annotations

from django.db import models

from sessions_app.models.session import Session


class FilePurpose(models.TextChoices):
    """What a file is for; the values are the names of the request's fields."""

    TRAINING = "training_file", "training"
    TESTING = "testing_file", "testing"


class UploadedFile(models.Model):
    """A table that a user sent, under a name that the server made."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="files")
    purpose = models.CharField(max_length=16, choices=FilePurpose)
    name = models.TextField(help_text="The user's own name for it.")
    file = models.FileField(max_length=200)
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField(help_text="Rows that the mission's columns were found in.")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "purpose"], name="one_file_for_a_purpose")
        ]

    def __str__(self) -> str:
        return self.name

"""Sessions: what a user asked for, where it stands and what came of it."""

from __future__ import annotations

import uuid

from django.db import models

from mlcore import MODELS
from sessions_app.lifecycle import Status
from sessions_app.models.snapshot import MISSIONS, DatasetSnapshot

__all__ = ["DataSource", "PredictionSession", "Session", "SessionKind", "TrainingSession"]


class SessionKind(models.TextChoices):
    """What a session does."""

    TRAINING = "training", "training"
    PREDICTION = "prediction", "prediction"


class DataSource(models.TextChoices):
    """Where a session's rows come from."""

    NASA = "nasa", "NASA's table"
    USER = "user", "the user's files"


class Session(models.Model):
    """What training and prediction sessions have in common.

    It has a table of its own, so that an id is unique over both kinds and progress, files and
    predictions belong to a session of either kind.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=SessionKind)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED, db_index=True)
    mission = models.CharField(max_length=16, choices=MISSIONS)
    data_source = models.CharField(max_length=8, choices=DataSource)
    snapshot = models.ForeignKey(
        DatasetSnapshot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sessions",
        help_text="The table that the session used, when it used NASA's.",
    )
    seed = models.PositiveIntegerField(default=0, help_text="Seed of every random step.")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why it ended without a result, for the user.")
    traceback = models.TextField(blank=True, help_text="The same for operators.")
    warnings = models.JSONField(default=list, blank=True, help_text="What the user should know.")
    metrics = models.JSONField(
        null=True, blank=True, help_text="Figures on exactly the predicted rows."
    )
    model = models.JSONField(null=True, blank=True, help_text="What the fitted model is.")
    peak_memory_bytes = models.BigIntegerField(null=True, blank=True)
    cpu_seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.id)[:8]} ({self.get_mission_display()})"


class TrainingSession(Session):
    """A model type is trained on a mission's table or on a user's files."""

    model_type = models.CharField(
        max_length=32, choices=[(entry.name, entry.label) for entry in MODELS.values()]
    )
    hyperparameters = models.JSONField(default=dict, help_text="As they were used.")
    published = models.BooleanField(
        default=False,
        db_index=True,
        help_text="Whether its model is offered for prediction; the newest one of a mission is.",
    )

    class Meta:
        ordering = ["-created_at"]


class PredictionSession(Session):
    """A published model predicts, fine-tuned first when the user gave a training file."""

    published_model = models.ForeignKey(
        TrainingSession, on_delete=models.PROTECT, related_name="predictions_made"
    )
    metrics_before = models.JSONField(
        null=True, blank=True, help_text="Figures on the same rows before fine-tuning."
    )

    class Meta:
        ordering = ["-created_at"]

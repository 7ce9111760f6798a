"""What a person who looked at an object says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mlcore.datasets import DATASETS
from mlcore.datasets.name_keys import object_key
from sessions_app.models.session import DataSource, Session
from sessions_app.models.snapshot import mission_choices
from sessions_app.models.verdict import DISPOSITIONS

if TYPE_CHECKING:
    from mlcore.prediction.stored import ObjectPrediction

UNDECIDED = "undecided"
"""The verdict of a reviewer who looked and could not tell."""


class ObjectReview(models.Model):
    """A reviewer's verdict on one object, written on what a model says of it.

    It holds the object's own columns, so that it can be learnt from when the session is gone. Of
    rows that a user sent it goes with their session, as everything of theirs does.
    """

    mission = models.CharField(max_length=16, choices=mission_choices)
    name = models.TextField(help_text="Of the object, as the session has it.")
    host = models.TextField(blank=True, help_text="Of its star, as the session has it.")
    object_key = models.TextField(help_text="The object's name in the one spelling of all.")
    session_id = models.UUIDField(
        db_index=True, help_text="The session whose answer was reviewed; it may be gone."
    )
    object_number = models.PositiveIntegerField(
        help_text="Position of the object among the session's rows, from 1."
    )
    of_own_rows = models.ForeignKey(
        Session,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="reviews",
        help_text="The session, where the object is a row of a user's own file.",
    )
    model_label = models.CharField(
        max_length=16, choices=DISPOSITIONS, help_text="What the model took for most probable."
    )
    verdict = models.CharField(
        max_length=16,
        choices=[*DISPOSITIONS, (UNDECIDED, UNDECIDED)],
        help_text="What the reviewer says.",
    )
    disagrees = models.GeneratedField(
        expression=Q(~Q(verdict=F("model_label")) & ~Q(verdict=UNDECIDED)),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="Whether the reviewer is decided, and says something else than the model.",
    )
    reason = models.TextField()
    columns = models.JSONField(
        help_text="The object's values by the mission's column, in its declared unit."
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reviews"
    )
    reviewer_name = models.CharField(
        max_length=150, help_text="Who wrote it, should the account be gone."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["mission", "object_key", "-id"], name="newest_review_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_verdict_display()}, by {self.reviewer_name}"


def review_key(session: Session, row: ObjectPrediction) -> str:
    """Return what an object of a session is known by wherever it is reviewed.

    A row of a user's own file is what that file says it is: it is known within its session alone.
    """
    dataset = DATASETS.get(session.mission)
    if session.data_source == DataSource.USER or dataset is None:
        return f"{session.pk}/{row.number}"
    return object_key(row.name, dataset)

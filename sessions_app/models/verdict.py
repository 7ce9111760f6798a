"""What a published model says of every object of its missions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mlcore.datasets import Disposition
from sessions_app.models.session import TrainingSession

DISPOSITIONS = [(label.value, label.value.replace("_", " ")) for label in Disposition]


class ObjectVerdict(models.Model):
    """One object of the catalogue, scored by a model that never saw its star."""

    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="verdicts")
    mission = models.CharField(max_length=16)
    number = models.PositiveIntegerField(help_text="Position among the model's objects, from 1.")
    name = models.TextField(help_text="Of the object, as the catalogue has it.")
    host = models.TextField(help_text="Of its star, as the catalogue has it.")
    object_key = models.TextField(help_text="The object's name in the one spelling of all.")
    star_key = models.TextField(help_text="Its star's, likewise.")
    disposition = models.CharField(  # noqa: DJ001 - no label is not an empty label
        max_length=16,
        choices=DISPOSITIONS,
        null=True,
        blank=True,
        help_text="What the table said of it that the model was published with.",
    )
    probabilities = ArrayField(
        models.FloatField(), help_text="Calibrated, in the order of the model's classes."
    )
    possible = ArrayField(
        models.CharField(max_length=16), help_text="What cannot be ruled out at the coverage."
    )
    fold = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Which fold's model scored it; empty: the model itself, which never saw its"
        " star.",
    )

    class Meta:
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="one_verdict_an_object")
        ]
        indexes = [
            models.Index(fields=["session", "object_key"], name="verdict_by_object"),
            models.Index(fields=["session", "star_key"], name="verdict_by_star"),
        ]

    def __str__(self) -> str:
        return self.name

"""What a session's model says of each object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mlcore.datasets import Disposition
from sessions_app.models.session import Session

if TYPE_CHECKING:
    from django.db.models import Field

DISPOSITIONS = [(label.value, label.value.replace("_", " ")) for label in Disposition]


class ObjectPrediction(models.Model):
    """One object's prediction with its explanation.

    Each field is declared here and nowhere else in the product: a worker copies it from the job's
    row of the same name, and the API's objects and the exported files have it.

    Arrays follow orders that the session holds once: probabilities that of the classes, values
    and contributions that of the model's columns.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="predictions")
    number = models.PositiveIntegerField(help_text="Position among the session's rows, from 1.")
    name = models.TextField()
    host = models.TextField()
    label = models.CharField(max_length=16, choices=DISPOSITIONS)
    actual = models.CharField(max_length=16, choices=DISPOSITIONS, null=True, blank=True)  # noqa: DJ001 - no label is not an empty label
    probabilities = ArrayField(models.FloatField())
    temperature = models.FloatField(null=True, blank=True, help_text="Of the host star [K].")
    values = ArrayField(models.FloatField(null=True))
    contributions = ArrayField(models.FloatField())
    base = models.FloatField(help_text="The explained output for the training median.")
    output = models.FloatField(help_text="The explained output: base plus all contributions.")
    reasons = ArrayField(models.TextField())
    follow_up_rank = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Place among the objects to follow up, from 1 for the likeliest planet.",
    )
    judgement = models.JSONField(
        null=True,
        blank=True,
        help_text="Conformal set, domain, score interval, physical checks, similar objects.",
    )

    class Meta:
        ordering = ["session", "number"]
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="numbered_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_label_display()}"

    @property
    def verdict(self) -> str | None:
        """What the model can say of the object; None for what was predicted before it was kept."""
        return (self.judgement or {}).get("verdict")

    @classmethod
    def declared(cls) -> dict[str, Field[Any, Any]]:
        """Return the fields that say something of the object, by name."""
        own = {"id", "session"}
        return {field.name: field for field in cls._meta.concrete_fields if field.name not in own}

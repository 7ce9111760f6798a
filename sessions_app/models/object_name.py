"""What else the objects of a loaded table and their stars are called."""

from __future__ import annotations

from django.db import models

from sessions_app.models.snapshot import DatasetSnapshot


class ObjectName(models.Model):
    """One more name of an object, for looking it up: the table itself does not have it.

    See `mlcore.datasets.other_names`.
    """

    snapshot = models.ForeignKey(
        DatasetSnapshot, on_delete=models.CASCADE, related_name="object_names"
    )
    row = models.PositiveIntegerField(help_text="Position of the object in the table, from 1.")
    object_key = models.TextField(help_text="The object's own name in the one spelling of all.")
    name = models.TextField(help_text="What else it is called.")
    key = models.TextField(help_text="That name in the one spelling of all.")
    star_key = models.TextField(
        blank=True, help_text="What it says of the star, likewise; empty where it does not tell."
    )

    class Meta:
        ordering = ["snapshot", "row", "pk"]
        indexes = [
            models.Index(fields=["snapshot", "row"], name="object_name_by_row"),
            models.Index(fields=["snapshot", "object_key"], name="object_name_by_object"),
            models.Index(fields=["snapshot", "key"], name="object_name_by_key"),
            models.Index(fields=["snapshot", "star_key"], name="object_name_by_star"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_star(self) -> bool:
        """Whether it names the star and not the object."""
        return self.key == self.star_key

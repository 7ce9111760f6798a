"""A mission's table as it was loaded on one day."""

from __future__ import annotations

from django.db import models

from mlcore import DATASETS
from mlcore.datasets import SourceKind
from mlcore.in_words import fraction
from mlcore.levels import TEST_FRACTION

ALL_MISSIONS = "joint"
"""What stands in a mission's place where a model is of all of them."""


# Functions, so that no migration and no form names the missions.
def mission_choices() -> list[tuple[str, str]]:
    """Return the missions' names and titles."""
    return [(dataset.name, dataset.title) for dataset in DATASETS.values()]


def session_mission_choices() -> list[tuple[str, str]]:
    """Return what a session may be of: a mission, or all of them."""
    return [*mission_choices(), (ALL_MISSIONS, "All missions, on shared columns")]


class DatasetSnapshot(models.Model):
    """An immutable copy of a mission's table; sessions keep the one that they used."""

    mission = models.CharField(max_length=16, choices=mission_choices)
    is_current = models.BooleanField(
        default=False, help_text="Whether new sessions on this mission use it."
    )
    source = models.CharField(
        max_length=16, choices=[(kind.value, kind.value) for kind in SourceKind]
    )
    source_description = models.TextField(help_text="Where the table came from, in words.")
    dated = models.DateField(null=True, blank=True, help_text="Date of the data.")
    sha256 = models.CharField("SHA-256", max_length=64, help_text="Of the source.")
    file = models.FileField(max_length=200, help_text="The table and its test split, as Parquet.")
    file_sha256 = models.CharField("SHA-256 of the file", max_length=64)
    rows = models.PositiveIntegerField()
    test_rows = models.PositiveIntegerField(
        help_text=f"Rows of the fixed test split, {fraction(TEST_FRACTION)} of the host stars."
    )
    columns = models.JSONField(help_text="Names of the columns that were kept.")
    label_counts = models.JSONField(help_text="Rows of each disposition.")
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["mission", "-loaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission"], condition=models.Q(is_current=True), name="one_current_snapshot"
            ),
            models.UniqueConstraint(
                fields=["mission", "sha256", "file_sha256"], name="each_snapshot_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mission_display()}, {self.dated or 'undated'}, {self.rows} rows"

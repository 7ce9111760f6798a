"""Sessions: what a user asked for, where it stands and what came of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from mlcore import MODELS
from mlcore.analyses.names import Analysis
from mlcore.datasets import Disposition
from mlcore.features.feature_sets import FeatureSet, Inputs, mark_of
from mlcore.tasks import DISPOSITION, TASKS
from sessions_app.lifecycle import Status
from sessions_app.models.snapshot import DatasetSnapshot, session_mission_choices

if TYPE_CHECKING:
    from mlcore.datasets import Dataset


# A function, so that no migration names the tasks.
def task_choices() -> list[tuple[str, str]]:
    """Return the tasks' names and titles."""
    return [(task.name, task.title) for task in TASKS.values()]


class SessionKind(models.TextChoices):
    """What a session does."""

    TRAINING = "training", "training"
    PREDICTION = "prediction", "prediction"
    ANALYSIS = "analysis", "analysis"


EVIDENCE = "evidence"
"""The analysis that follows each first answer by itself; see `mlcore.evaluation.evidence`."""


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
    name = models.CharField(
        max_length=80, default="", blank=True, help_text="What its owner calls it; empty: nothing."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED, db_index=True)
    mission = models.CharField(max_length=16, choices=session_mission_choices)
    task = models.CharField(
        max_length=16,
        choices=task_choices,
        default=DISPOSITION.name,
        help_text="What is told apart.",
    )
    data_source = models.CharField(max_length=8, choices=DataSource)
    snapshot = models.ForeignKey(
        DatasetSnapshot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sessions",
        help_text="The table that the session used, when it used NASA's.",
    )
    reference = models.ForeignKey(
        DatasetSnapshot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The mission's table, whose objects are the neighbours of a user's.",
    )
    catalogues = models.ManyToManyField(
        DatasetSnapshot,
        blank=True,
        related_name="+",
        help_text="The missions' tables in which signals of light curves are looked up.",
    )
    seed = models.PositiveIntegerField(default=0, help_text="Seed of every random step.")
    second_opinion = models.JSONField(
        null=True,
        blank=True,
        help_text="Which column of the rows holds another vetter's opinion, and how it is read.",
    )
    owner_key = models.CharField(
        max_length=80,
        default="",
        blank=True,
        editable=False,
        help_text="Whose it is: user:<id>, anonymous:<key>, or empty for the operators'.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        # The session stays private: what it is judged by is its owner key.
        on_delete=models.SET_NULL,
        related_name="sessions",
        help_text="The user, when a signed-in one started it.",
    )
    counted_as = models.CharField(
        max_length=80,
        default="",
        blank=True,
        editable=False,
        help_text="Under what it counts while it is active: a user, a cookie, an address.",
    )
    address_key = models.CharField(
        max_length=80,
        default="",
        blank=True,
        editable=False,
        help_text="A hash of the address that an anonymous caller had.",
    )
    origin = models.GeneratedField(
        # Cookies cost nothing: whoever drops theirs each time is still the same address.
        expression=Coalesce(NullIf("address_key", Value("")), "counted_as"),
        output_field=models.CharField(max_length=80),
        db_persist=True,
        editable=False,
        help_text="Among whom the queue takes turns: users and addresses.",
    )
    in_background = models.BooleanField(
        default=False,
        editable=False,
        help_text="Whether nobody waits for it: any session that somebody waits for comes first.",
    )
    waits_for_evidence = models.BooleanField(
        default=False,
        help_text="Whether it completes only when what deepens its first answer is there too.",
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often a worker began with it."
    )
    attempts_before = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="The attempts before it was last asked to run again."
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    queued_at = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Since when it waits, or waited: that the queue is put right does not change it.",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why it ended without a result, for the user.")
    traceback = models.TextField(blank=True, help_text="The same for operators.")
    warnings = models.JSONField(default=list, blank=True, help_text="What the user should know.")
    mapping = models.JSONField(
        default=dict,
        blank=True,
        help_text="What the request says of its files' headings and labels.",
    )
    known_signals = models.JSONField(
        default=list,
        blank=True,
        help_text="Known transit signals of the light curve, which are tested in place of what a"
        " search finds: period [d], epoch [d], duration [h].",
    )
    reading = models.JSONField(
        null=True,
        blank=True,
        help_text="What was read from each file: which heading as which column, in which unit.",
    )
    metrics = models.JSONField(
        null=True, blank=True, help_text="The main figures on exactly the predicted rows."
    )
    report = models.JSONField(
        null=True,
        blank=True,
        help_text="All figures with their intervals, probes, curves and what the model rests on.",
    )
    model = models.JSONField(null=True, blank=True, help_text="What the fitted model is.")
    peak_memory_bytes = models.BigIntegerField(null=True, blank=True)
    cpu_seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # The queue asks whom it served last, each time that it picks a session.
            models.Index(fields=["counted_as", "-started_at"], name="last_served"),
            models.Index(fields=["origin", "-started_at"], name="origin_last_served"),
            # Each user lists their own ones.
            models.Index(fields=["owner_key", "-created_at"], name="own_newest_first"),
            # What is counted again and again is counted without reading the sessions themselves.
            models.Index(fields=["kind", "status", "in_background"], name="counted_by_status"),
            models.Index(fields=["finished_at"], name="ended_long_ago"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.id)[:8]} ({self.get_mission_display()})"

    @property
    def mark(self) -> str | None:
        """What must stand beside each of its figures and predictions; None where nothing must."""
        return mark_of((self.model or {}).get("label_derived", ()))


class TrainingSession(Session):
    """A model type is trained on a mission's table or on a user's files."""

    model_type = models.CharField(
        max_length=32, choices=[(entry.name, entry.label) for entry in MODELS.values()]
    )
    hyperparameters = models.JSONField(default=dict, help_text="As they were used.")
    feature_set = models.CharField(
        max_length=16,
        choices=[(columns.value, columns.meaning) for columns in FeatureSet],
        default=FeatureSet.DEFAULT,
        help_text="Which columns the model sees.",
    )
    label_derived = models.JSONField(
        default=list,
        blank=True,
        help_text="Columns of the user's file that follow the label and were used all the same.",
    )
    protocols = models.JSONField(
        default=list, blank=True, help_text="Ways of testing beside the fixed split."
    )
    further_snapshots = models.ManyToManyField(
        DatasetSnapshot,
        blank=True,
        related_name="+",
        help_text="Other tables that the model was tested or trained on.",
    )
    card = models.JSONField(
        null=True,
        blank=True,
        help_text="A published model's card: data, protocol, figures, limits, intended use.",
    )
    published = models.BooleanField(
        default=False,
        db_index=True,
        help_text="Whether its model is offered for prediction; the newest one of a mission is.",
    )

    class Meta:
        ordering = ["-created_at"]

    @property
    def inputs(self) -> Inputs:
        """Which columns were asked for; a table that lacks some has fewer (`model`)."""
        return Inputs(
            feature_set=FeatureSet(self.feature_set), label_derived=tuple(self.label_derived)
        )

    def read_from(self, dataset: Dataset) -> dict[str, tuple[str, ...]]:
        """Return the mission's columns without any of which a column of the model is missing.

        Of the columns that the trained model sees; see `Inputs.read_from`.
        """
        seen = set((self.model or {}).get("columns", ()))
        return {
            column: needed
            for column, needed in self.inputs.read_from(dataset).items()
            if column in seen
        }


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


class AnalysisSession(Session):
    """A completed session's model, or one of its objects, is looked at more closely."""

    of = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="analyses")
    analysis = models.CharField(
        max_length=32,
        choices=[
            *((analysis.value, analysis.meaning) for analysis in Analysis),
            (EVIDENCE, "What deepens the first answer."),
        ],
    )
    object_number = models.PositiveIntegerField(
        null=True, blank=True, help_text="Position of the object among the session's rows, from 1."
    )
    wanted = models.CharField(
        max_length=16,
        choices=[(label.value, label.value.replace("_", " ")) for label in Disposition],
        default="",
        blank=True,
        help_text="The disposition that it is about, where it takes one.",
    )
    tree = models.PositiveIntegerField(
        null=True, blank=True, help_text="Which of a forest's trees it is about, from 1."
    )
    answer = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

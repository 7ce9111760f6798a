"""What the API tells of missions' tables, and reads of a request that compares two of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mlcore.datasets.sources import SourceKind
from mlcore.prediction.verdict import Verdict
from mlcore.references import ACKNOWLEDGEMENT
from sessions_app.api.faults import ParametersSerializer

__all__ = [
    "ColumnFactsSerializer",
    "ComparedWithSerializer",
    "DatasetDetailSerializer",
    "DatasetRowsSerializer",
    "DatasetSerializer",
    "DatasetSnapshotSerializer",
    "NamedColumnSerializer",
    "SnapshotDifferencesSerializer",
]


class DatasetSnapshotSerializer(serializers.Serializer[Any]):
    """A mission's table as it was loaded on one day."""

    id = serializers.IntegerField()
    mission = serializers.CharField()
    is_current = serializers.BooleanField(help_text="Whether new sessions use it.")
    source = serializers.ChoiceField(
        choices=[(kind.value, kind.value) for kind in SourceKind],
        help_text="What kind of source it came from.",
    )
    source_description = serializers.CharField(help_text="Where it came from, in words.")
    dated = serializers.DateField(allow_null=True, help_text="Date of the data.")
    loaded_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="SHA-256 of the source.")
    file_sha256 = serializers.CharField(help_text="SHA-256 of the file that sessions read.")
    rows = serializers.IntegerField()
    test_rows = serializers.IntegerField(help_text="Rows of the fixed test split.")
    label_counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rows of each disposition."
    )


class DatasetSerializer(serializers.Serializer[Any]):
    """A mission's table."""

    mission = serializers.CharField(source="dataset.name", help_text="Its name in requests.")
    title = serializers.CharField(source="dataset.title")
    kind = serializers.CharField(source="dataset.kind", help_text="What its rows are.")
    archive_table = serializers.CharField(
        source="dataset.archive_table", help_text="Its name in the NASA Exoplanet Archive."
    )
    doi = serializers.CharField(
        source="dataset.doi", help_text="Of the archive's table; empty where none is known."
    )
    acknowledgement = serializers.SerializerMethodField(
        help_text="What the archive asks whoever uses its tables to write."
    )
    snapshots = DatasetSnapshotSerializer(many=True, help_text="The newest first.")

    def get_acknowledgement(self, _loaded: Any) -> str:
        """Return what whoever uses the table should write."""
        return ACKNOWLEDGEMENT


class ColumnFactsSerializer(serializers.Serializer[Any]):
    """What a column is."""

    title = serializers.CharField(help_text="What it means.")
    unit = serializers.CharField(help_text="As astropy writes it; empty without one.")
    unit_in_words = serializers.CharField()


class NamedColumnSerializer(ColumnFactsSerializer):
    """A column by its name."""

    column = serializers.CharField(help_text="Its name in the mission's table, or the model's.")


class DatasetColumnSerializer(NamedColumnSerializer):
    """A column of a loaded table."""

    column = serializers.CharField(source="name", help_text="Its name in the mission's table.")
    is_text = serializers.BooleanField()
    role = serializers.CharField(help_text="What it is for.")
    by_default = serializers.BooleanField(help_text="Whether a model sees it by default.")
    leak = serializers.CharField(
        allow_null=True, help_text="Why no model may see it, where it states or follows the label."
    )
    uncertainty_of = serializers.CharField(allow_null=True)
    filled = serializers.IntegerField(help_text="Rows with a value.")
    filled_share = serializers.FloatField(
        source="coverage", help_text="Share of the rows with a value."
    )


class DatasetDetailSerializer(DatasetSerializer):
    """A mission's table with the columns of the current snapshot."""

    current = DatasetSnapshotSerializer(allow_null=True, help_text="Null where none is loaded.")
    columns = DatasetColumnSerializer(many=True)


class DatasetRowSerializer(serializers.Serializer[Any]):
    """A row of a loaded table, with what the published model says of the object.

    That model never saw the object's star; where it says nothing of it, these are null.
    """

    number = serializers.IntegerField(help_text="Position in the table, from 1.")
    name = serializers.CharField(help_text="Of the object.")
    other_names = serializers.ListField(
        child=serializers.CharField(),
        help_text="What else it is called, such as the name that it got as a planet.",
    )
    host = serializers.CharField(help_text="Of its star; empty where it has none.")
    disposition = serializers.CharField(allow_null=True)
    in_test_split = serializers.BooleanField(help_text="Whether it is of the fixed test split.")
    values = serializers.DictField(help_text="By column: a number, a word, or null.")
    verdict = serializers.ChoiceField(
        choices=[str(verdict) for verdict in Verdict], allow_null=True
    )
    probabilities = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="Calibrated, of each class that the model tells apart.",
    )
    possible = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="What cannot be ruled out at its coverage.",
    )


class DatasetRowsSerializer(serializers.Serializer[Any]):
    """A page of a loaded table's rows."""

    mission = serializers.CharField()
    snapshot = DatasetSnapshotSerializer()
    count = serializers.IntegerField(help_text="Rows that fit, on all pages.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    total = serializers.IntegerField(help_text="Rows of the table.")
    model = serializers.UUIDField(
        allow_null=True, help_text="Id of the published model whose verdicts these are."
    )
    model_title = serializers.CharField(allow_null=True)
    columns = DatasetColumnSerializer(many=True)
    results = DatasetRowSerializer(many=True)


class SnapshotObjectSerializer(serializers.Serializer[Any]):
    """An object that only one of two snapshots has."""

    name = serializers.CharField()
    host = serializers.CharField()
    disposition = serializers.CharField(allow_null=True)


class ChangedObjectSerializer(serializers.Serializer[Any]):
    """An object whose disposition changed."""

    name = serializers.CharField()
    host = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class MoveSerializer(serializers.Serializer[Any]):
    """How many objects changed from one disposition to another."""

    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(help_text="Of such objects.")


class SnapshotDifferencesSerializer(serializers.Serializer[Any]):
    """What became of a mission's objects from one snapshot to another."""

    older = DatasetSnapshotSerializer()
    newer = DatasetSnapshotSerializer()
    added = SnapshotObjectSerializer(many=True, help_text="Only in the newer one.")
    removed = SnapshotObjectSerializer(many=True, help_text="Only in the older one.")
    changed = ChangedObjectSerializer(many=True, help_text="In both, with another disposition.")
    unchanged = serializers.IntegerField(help_text="In both, with the same disposition.")
    moves = MoveSerializer(many=True, help_text="The changes, counted.")


class ComparedWithSerializer(ParametersSerializer):
    """Which snapshot is compared with."""

    to = serializers.IntegerField(
        min_value=1, required=False, help_text="Id of the other snapshot; by default the current."
    )

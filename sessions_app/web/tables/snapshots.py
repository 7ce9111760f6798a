"""A mission's snapshots, and what changed between two of them, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse

from mlcore.datasets import CLASSES
from sessions_app.selectors.snapshot_differences import ChangedObject, differences
from sessions_app.web.formatting import words
from sessions_app.web.tables.listed import Listed, ListedTable
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets import Disposition
    from sessions_app.models import DatasetSnapshot
    from sessions_app.selectors.snapshot_differences import SnapshotDifferences, SnapshotObject

__all__ = [
    "DifferencesForm",
    "ListedDifferences",
    "differences_listed",
    "moves_table",
    "snapshot_table",
]

_SHOWN = {
    "changed": "whose disposition changed",
    "added": "that came",
    "removed": "that went",
}


class DifferencesForm(forms.Form):
    """Which two snapshots are compared, and which of the differences are listed."""

    older = forms.ModelChoiceField(None, label="From", empty_label=None)
    newer = forms.ModelChoiceField(None, label="To", empty_label=None)
    show = forms.ChoiceField(
        label="List the objects", required=False, choices=list(_SHOWN.items()), initial="changed"
    )

    def __init__(self, asked: Any, *, snapshots: Sequence[DatasetSnapshot]) -> None:
        super().__init__(asked)
        mission = snapshots[0].mission
        for name in ("older", "newer"):
            field: Any = self.fields[name]
            field.queryset = type(snapshots[0]).objects.filter(mission=mission)
            field.error_messages["invalid_choice"] = f"{name} must be one of the mission's own."
            field.label_from_instance = _named
        self.initial = {"newer": snapshots[0], "older": snapshots[min(1, len(snapshots) - 1)]}

    def clean_show(self) -> str:
        """Return which differences are listed; where nobody says, who changed disposition."""
        return self.cleaned_data["show"] or "changed"

    def differences(self) -> SnapshotDifferences:
        """Return what became of the objects."""
        return differences(self.cleaned_data["older"], self.cleaned_data["newer"])


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedDifferences:
    """Objects that differ between two snapshots."""

    title: str
    rows: Sequence[SnapshotObject | ChangedObject]
    mission: str
    linked: bool
    """Whether the mission's current table can have their pages."""

    def table(self, rows: Sequence[SnapshotObject | ChangedObject]) -> ListedTable:
        """Return some of them as a table."""
        columns = {
            "name": Listed("Object", sorts=False, page="address" if self.linked else ""),
            "host": Listed("Host star", sorts=False),
        }
        if self.title == _SHOWN["changed"]:
            columns["before"] = Listed("Before", sorts=False)
            columns["after"] = Listed("After", sorts=False)
        else:
            columns["disposition"] = Listed("Disposition", sorts=False)
        return ListedTable(
            [self._cells(one) for one in rows], columns, title=f"Objects {self.title}"
        )

    def _cells(self, one: SnapshotObject | ChangedObject) -> Mapping[str, Any]:
        cells = {
            "address": reverse("catalogue_object", args=[self.mission, one.name]),
            "name": one.name,
            "host": one.host,
        }
        if isinstance(one, ChangedObject):
            return cells | {"before": _kind(one.before), "after": _kind(one.after)}
        return cells | {"disposition": _kind(one.disposition)}


def differences_listed(found: SnapshotDifferences, show: str, mission: str) -> ListedDifferences:
    """Return the objects of one kind of difference."""
    return ListedDifferences(
        title=_SHOWN[show],
        rows=getattr(found, show),
        mission=mission,
        linked=show != "removed",
    )


def moves_table(found: SnapshotDifferences) -> WordTable:
    """Return how many objects went from which disposition to which."""
    most = max(found.moves.values(), default=1)
    return WordTable(
        title="Who changed disposition",
        about="Objects that both snapshots have, by what was said of them.",
        columns=("From", "To", "Objects"),
        bars=True,
        rows=[
            Row(_kind(before).capitalize(), _kind(after), str(count), bar=count / most)
            for (before, after), count in found.moves.items()
        ],
    )


def snapshot_table(snapshots: Sequence[DatasetSnapshot]) -> WordTable:
    """Return a mission's snapshots."""
    return WordTable(
        title="What was loaded",
        about="A session keeps the snapshot that it used. SHA-256 is of the source.",
        columns=(
            "Data of",
            "Loaded",
            "Objects",
            *(kind.words.capitalize() for kind in CLASSES),
            "For testing",
            "SHA-256",
        ),
        rows=[
            Row(
                f"{snapshot.dated:%-d %B %Y}" if snapshot.dated else "unknown date",
                f"{snapshot.loaded_at:%-d %B %Y, %H:%M}",
                str(snapshot.rows),
                *(str(snapshot.label_counts.get(kind, 0)) for kind in CLASSES),
                str(snapshot.test_rows),
                snapshot.sha256[:12],
                note=snapshot.source_description
                + (" New sessions use it." if snapshot.is_current else ""),
                stands_out=snapshot.is_current,
            )
            for snapshot in snapshots
        ],
    )


def _named(snapshot: DatasetSnapshot) -> str:
    dated = f"{snapshot.dated:%-d %B %Y}" if snapshot.dated else "unknown date"
    current = ", the current one" if snapshot.is_current else ""
    return f"{dated}: {snapshot.rows} rows{current}"


def _kind(disposition: Disposition | None) -> str:
    return words(disposition) if disposition else "nothing"

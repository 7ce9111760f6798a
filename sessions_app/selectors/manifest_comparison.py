"""Whether a session that was repeated came out the same: to the bit, or how far it differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from mlcore.prediction.file_layout import PROBABILITIES
from sessions_app.exceptions import GoneError
from sessions_app.files.results import objects_of
from sessions_app.models import Session
from sessions_app.selectors.manifest import COMPARED, column_digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

__all__ = ["ComparedFigure", "Comparison", "PredictionDistance", "compared"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedFigure:
    """A figure as it was and as it is."""

    name: str
    """Where it stands among the session's figures, with points between the names."""
    before: Any
    after: Any

    @property
    def is_same(self) -> bool:
        """Whether it is the same to the bit."""
        return type(self.before) is type(self.after) and bool(self.before == self.after)

    @property
    def difference(self) -> float | None:
        """By how much it is larger now; None where it is no number."""
        numbers = (self.before, self.after)
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
            return None
        return float(self.after - self.before)


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionDistance:
    """How far the predictions of two sessions on the same objects are from each other."""

    largest: float
    """The largest difference of a probability."""
    labels: int
    """How many objects have another label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What came of repeating a session."""

    figures: tuple[ComparedFigure, ...]
    rows: tuple[int, int]
    """How many objects were predicted, and are."""
    columns: Mapping[str, bool]
    """For each column of the predictions whether it is the same to the bit."""
    distance: PredictionDistance | None
    """How far the probabilities differ; None where they are the same, or the first session's are
    not on this server."""
    notes: tuple[str, ...]
    """What may make a difference, as sentences."""

    @property
    def is_same(self) -> bool:
        """Whether every figure and every prediction is the same to the bit."""
        return (
            self.rows[0] == self.rows[1]
            and all(self.columns.values())
            and all(figure.is_same for figure in self.figures)
        )


def compared(manifest: Mapping[str, Any], session: Session) -> Comparison:
    """Return how a completed session compares with the one that a manifest tells of."""
    rows = objects_of(session).columns(COMPARED)
    digests, before = column_digests(rows), manifest["predictions"]["sha256"]
    columns = {name: digest == before.get(name) for name, digest in digests.items()}
    return Comparison(
        figures=tuple(_figures(manifest["metrics"], session.metrics)),
        rows=(manifest["predictions"]["rows"], len(rows)),
        columns=columns,
        distance=None if all(columns.values()) else _distance(manifest, rows),
        notes=tuple(_notes(manifest, session)),
    )


def _figures(before: Any, after: Any) -> Iterator[ComparedFigure]:
    then, now = dict(_leaves(before)), dict(_leaves(after))
    for name in dict.fromkeys((*then, *now)):
        yield ComparedFigure(name=name, before=then.get(name), after=now.get(name))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what stands at the ends of JSON values, with the way there."""
    if isinstance(value, dict):
        named = value.items()
    elif isinstance(value, list):
        # A figure in a list is called by its own name.
        named = [
            (str(one["name"]) if isinstance(one, dict) and "name" in one else str(place), one)
            for place, one in enumerate(value)
        ]
    else:
        yield name, value
        return
    for key, one in named:
        yield from _leaves(one, f"{name}.{key}" if name else key)


def _distance(manifest: Mapping[str, Any], rows: pa.Table) -> PredictionDistance | None:
    try:
        first = Session.objects.filter(pk=UUID(str(manifest["session"]["id"]))).first()
        before = None if first is None else objects_of(first).columns(COMPARED)
    except (GoneError, ValueError):
        return None
    if before is None or len(before) != len(rows):
        return None
    if column_digests(before) != manifest["predictions"]["sha256"]:
        return None
    changes = [
        np.abs(rows.column(name).to_numpy() - before.column(name).to_numpy())
        for name in PROBABILITIES
    ]
    then, now = (table.column("label").to_pylist() for table in (before, rows))
    return PredictionDistance(
        largest=float(max((change.max() for change in changes if len(change)), default=0.0)),
        labels=sum(old != new for old, new in zip(then, now, strict=True)),
    )


def _notes(manifest: Mapping[str, Any], session: Session) -> Iterator[str]:
    then = manifest.get("versions") or {}
    now = (session.model or {}).get("versions", {})
    changed = [
        f"{name} {then[name]} (here {now[name]})"
        for name in sorted(now)
        if name in then and then[name] != now[name]
    ]
    if changed:
        yield f"It was made with other libraries: {', '.join(changed)}."
    reference = manifest.get("reference") or {}
    here = session.reference
    if reference and here is not None and reference.get("file_sha256") != here.file_sha256:
        yield "Its objects were compared with another table of the mission than now."

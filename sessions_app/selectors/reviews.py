"""What reviewers say of objects, and what the next model can learn from where they disagree."""

from __future__ import annotations

import csv
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS
from sessions_app.models import UNDECIDED, ObjectReview
from sessions_app.models.review import review_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session

__all__ = ["newest_reviews", "reviews_of", "training_file"]

_AT_ONCE = 500
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def reviews_of(session: Session, row: ObjectPrediction) -> QuerySet[ObjectReview]:
    """Return what reviewers said of an object, in any session of its mission, the newest first."""
    return ObjectReview.objects.filter(
        mission=session.mission, object_key=review_key(session, row)
    ).order_by("-pk")


def newest_reviews(mission: str, *, disagreements_only: bool = True) -> QuerySet[ObjectReview]:
    """Return the newest review of each of a mission's objects, where its reviewer is decided.

    By default only where it says something else than the model said.
    """
    newest = (
        ObjectReview.objects.filter(mission=mission)
        .order_by("object_key", "-pk")
        .distinct("object_key")
    )
    decided = ObjectReview.objects.filter(pk__in=newest.values("pk")).exclude(verdict=UNDECIDED)
    return (decided.filter(disagrees=True) if disagreements_only else decided).order_by("pk")


def training_file(mission: str, *, disagreements_only: bool = True) -> Iterator[bytes]:
    """Yield the reviewed objects of a mission as the parts of a CSV file to train on.

    Its columns are the mission's own in their declared units, and its labels what the newest review
    of each object says. Names that a spreadsheet would take for a formula begin with an apostrophe:
    users write them; other words are the archive's, a declination's minus among them.
    """
    dataset = DATASETS[mission]
    reviews = newest_reviews(mission, disagreements_only=disagreements_only)
    # The chosen row of each object, where the table has several of it.
    fixed = dict(dataset.one_row_per_object or {})
    held = {name for keys in _held_columns(reviews) for name in keys} | {*fixed}
    names = [
        column.name
        for column in dataset.columns
        if column.name in held and column.name != dataset.label
    ]
    named = {*dataset.object_name, dataset.host}
    words = {str(meaning): word for word, meaning in reversed([*dataset.labels.items()])}
    # A writer of rows returns what the file's `write` does, which here is the row's own text.
    writer = csv.writer(SimpleNamespace(write=str))
    yield writer.writerow([*names, dataset.label]).encode()
    for review in reviews.iterator(_AT_ONCE):
        values = review.columns | fixed
        cells = [_cell(values.get(name), is_name=name in named) for name in names]
        yield writer.writerow([*cells, words[review.verdict]]).encode()


def _held_columns(reviews: QuerySet[ObjectReview]) -> Iterator[dict[str, Any]]:
    yield from reviews.values_list("columns", flat=True).iterator(_AT_ONCE)


def _cell(value: Any, *, is_name: bool) -> Any:
    formula = is_name and str(value).startswith(_FORMULA_STARTS)
    return f"'{value}" if formula else value

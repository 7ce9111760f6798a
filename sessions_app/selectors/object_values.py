"""The values of an object of a result, by its mission's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS
from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of

if TYPE_CHECKING:
    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session

__all__ = ["values_of"]


def values_of(session: Session, row: ObjectPrediction) -> dict[str, float | str | None]:
    """Return an object's values: all of its mission's table, or those of a user's that were seen.

    Of a user's file only those are kept with the result that the model sees.
    """
    if session.snapshot is not None:
        columns = list(columns_of(session.snapshot))
        page = rows_of(session.snapshot, columns=columns, search=row.name, page_size=50)
        named = [found for found in page.rows if found.name == row.name]
        if named:
            return dict(zip(columns, named[0].values, strict=True))
    dataset = DATASETS[session.mission]
    names = (session.model or {}).get("columns", ())
    return {
        name: value
        for name, value in zip(names, row.values or (), strict=False)
        if dataset.knows(name)
    }

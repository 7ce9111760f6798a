"""A prediction's page in the admin: what the model says of an object, and from which values."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mlcore.datasets import CLASSES, DATASETS
from mlcore.prediction.stored import ObjectPrediction
from sessions_app.admin.drawn import NOTHING, drawn
from sessions_app.admin.sheets import Grid, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.models import Session

__all__ = ["prediction_sheets"]

_APART = ("number", "name", "probabilities", "values", "contributions", "reasons", "judgement")
"""What stands in tables of its own."""


def prediction_sheets(session: Session, row: ObjectPrediction) -> Iterator[Sheet]:
    """Yield the parts of a prediction's page."""
    declared = [one for one in fields(ObjectPrediction) if one.name not in _APART]
    yield Sheet(
        title="What the model says",
        facts=[
            *(
                (one.name.replace("_", " ").capitalize(), _in_words(getattr(row, one.name)))
                for one in declared
            ),
            *(
                (f"Probability of {kind.words}", f"{share:.3f}")
                for kind, share in zip(CLASSES, row.probabilities, strict=True)
            ),
        ],
        text=drawn(row.reasons) if row.reasons else "",
    )
    yield Sheet(
        title="Values and contributions",
        grids=[
            Grid(
                title="Values and contributions",
                columns=("Quantity", "Value", "Unit", "Contribution"),
                rows=list(_values(session, row)),
                none="They are worked out when somebody looks at the object on the user's page.",
            )
        ],
        is_folded=True,
    )
    if row.judgement:
        yield Sheet(
            title="Conformal set, novelty, similar objects, physical checks",
            text=drawn(row.judgement),
            is_folded=True,
        )
    yield Sheet(
        title="What each field means",
        facts=[
            (one.name.replace("_", " ").capitalize(), one.metadata["meaning"])
            for one in fields(ObjectPrediction)
        ],
        is_folded=True,
    )


def _values(session: Session, row: ObjectPrediction) -> Iterator[tuple[str, ...]]:
    columns = (session.model or {}).get("columns", ())
    dataset = DATASETS.get(session.mission)
    if row.values is None:
        return
    contributions = row.contributions or [None] * len(row.values)
    for name, value, moved in zip(columns, row.values, contributions, strict=False):
        known = dataset is not None and dataset.knows(name)
        column: Any = dataset.column(name) if dataset is not None and known else None
        yield (
            column.meaning if column else name.replace("_", " "),
            drawn(value),
            (column.unit or NOTHING) if column else NOTHING,
            NOTHING if moved is None else f"{moved:+.4f}".replace("-", "−"),
        )


def _in_words(value: Any) -> str:
    return drawn(value.replace("_", " ") if isinstance(value, str) else value)

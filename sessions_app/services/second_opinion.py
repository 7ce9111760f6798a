"""Another vetter's opinion, as a request names it: which column of the rows holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.datasets.opinion import Opinion
from sessions_app.exceptions import RefusedError, naming

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mlcore.datasets import Dataset
    from sessions_app.models import DatasetSnapshot
    from sessions_app.services.inputs import CheckedUpload

__all__ = ["asked_opinion", "refuse_unless_loaded", "refuse_unless_unseen"]

_FIELD = "second_opinion"


def asked_opinion(sent: dict[str, Any] | None) -> Opinion | None:
    """Read what a request says of a second opinion; None where it says nothing."""
    if sent is None:
        return None
    with naming(_FIELD):
        return Opinion.from_json(sent)


def refuse_unless_loaded(
    opinion: Opinion | None, dataset: Dataset, snapshot: DatasetSnapshot
) -> None:
    """Refuse an opinion that the mission's table as loaded does not hold."""
    if opinion is None or opinion.name in snapshot.columns:
        return
    held = [column.name for column in dataset.opinions if column.name in snapshot.columns]
    held_words = f"; it has {', '.join(held)}" if held else ""
    raise RefusedError(
        f"{_FIELD}: {dataset.title} as loaded have no column {opinion.column[:60]!r}{held_words}.",
        field=_FIELD,
        allowed=held,
    )


def refuse_unless_unseen(
    opinion: Opinion | None, seen: Collection[str], uploads: Iterable[CheckedUpload] = ()
) -> None:
    """Refuse an opinion that a model sees, or was asked to see: it is then no second one.

    A heading of the files may have been read as a column of another name that the model sees.
    """
    if opinion is None:
        return
    read_as = {name for checked in uploads for name in checked.verdict.opinion_names}
    if {opinion.name, *read_as} & set(seen):
        raise RefusedError(
            f"{_FIELD}: the model sees {opinion.column[:60]}, so that it is no second opinion on"
            " what the model says; name another column.",
            field=_FIELD,
        )

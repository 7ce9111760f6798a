"""Which rows a model is tested on, and by which protocols beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import UPLOADED_TEST

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mlcore.datasets.table import Table

__all__ = ["EvaluationSetup"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EvaluationSetup:
    """The rows to predict and measure, and what testing in other ways needs.

    Examples
    --------
    >>> import mlcore
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> training, testing = mlcore.split(table)
    >>> setup = mlcore.EvaluationSetup(
    ...     tables=[testing], protocols=[mlcore.Protocol.CROSS_VALIDATED]
    ... )
    >>> setup.words
    'the rows of the testing file'
    """

    tables: Sequence[Table]
    """With or without labels, a table a mission."""
    words: str = UPLOADED_TEST
    """What these rows are, in words."""
    protocol: Protocol = Protocol.OWN_ROWS
    """The name of testing on them."""
    protocols: Collection[Protocol] = ()
    """Ways of testing beside these rows. Folds by star are made anyway, to calibrate; when
    cross-validation is asked for they are five."""
    older: Table | None = None
    """An older table of the mission, for the time-forward protocol."""
    others: Sequence[Table] = ()
    """Tables of other missions, for leaving one mission out."""

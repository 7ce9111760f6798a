"""Tables of which something is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcore.datasets import Table


def without(table: Table, *columns: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(columns)))

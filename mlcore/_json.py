"""JSON as a browser reads it, which knows neither NaN nor Infinity."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["json_of", "strict"]


def json_of(record: DataclassInstance) -> dict[str, Any]:
    """Return a dataclass and those within it as `strict` JSON values, by their fields' names."""
    return {name: strict(value) for name, value in asdict(record).items()}


def strict(part: Any) -> Any:
    """Return JSON values with null where a number is not defined.

    Parameters
    ----------
    part
        A JSON value, with tuples, arrays and enumerations of text where lists and text may stand.
    """
    if hasattr(part, "tolist"):
        part = part.tolist()
    if isinstance(part, dict):
        return {str(name): strict(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [strict(value) for value in part]
    if isinstance(part, float) and not math.isfinite(part):
        return None
    return part

"""How many inputs are tried: a few that are always the same, or many new ones each time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["FULL", "examples"]

FULL = os.environ.get("EXOPLANET_FUZZ") == "full"


def examples(
    *, short: int, full: int, unchecked: Collection[HealthCheck] = tuple(HealthCheck)
) -> settings:
    """Return Hypothesis' settings for so many inputs in the short and in the full form."""
    return settings(
        max_examples=full if FULL else short,
        deadline=None,
        derandomize=not FULL,
        suppress_health_check=list(unchecked),
    )

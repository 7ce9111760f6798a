"""Who works off what: first answers, which somebody waits for, and the evidence behind them.

Each has workers of its own, so that no first answer ever waits for evidence; those of the evidence
run at the lowest priority of the operating system, on what the others leave.
"""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings

__all__ = ["Lane", "own_lane"]


class Lane(StrEnum):
    """What a worker works off."""

    FIRST_ANSWERS = "first_answers"
    EVIDENCE = "evidence"


def own_lane() -> Lane:
    """Return the lane of this process, which `manage.py work` was told."""
    return Lane(settings.EXOPLANET_LANE)

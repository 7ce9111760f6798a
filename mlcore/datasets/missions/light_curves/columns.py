"""How the values of vetting tests are declared: as columns that a model sees, or does not."""

from __future__ import annotations

from functools import partial

from mlcore.datasets.spec import Column, Role, Scale

__all__ = ["bookkeeping", "log_value", "number", "value"]

value = partial(Column, role=Role.FEATURE)
log_value = partial(value, scale=Scale.LOG)
number = partial(value, unit="")
bookkeeping = partial(Column, unit="", role=Role.BOOKKEEPING)
"""What follows how long and how often a star was observed: it is told to people, and no feature,
since it tells which stars were looked at, and not what they show."""

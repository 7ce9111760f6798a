"""What is kept of what a model says of a signal's fold, stretch by stretch."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["STRETCHES_SAID", "StretchRecord"]

STRETCHES_SAID = "stretches.parquet"
"""Name of the file in the folder of a session's results; see `mlcore.lightcurves.record_files`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StretchRecord:
    """The probability of a planet of a signal as it is, and with each stretch replaced."""

    number: int = field(metadata={"meaning": "Among the session's objects, from 1."})
    probability: float = field(metadata={"meaning": "Of being a planet, as it is."})
    names: list[str] = field(
        metadata={"meaning": "Of the stretches; empty where none was looked at."},
        default_factory=list,
    )
    probabilities: list[float] = field(
        metadata={"meaning": "Of being a planet, were the stretch as a planet's curve is."},
        default_factory=list,
    )

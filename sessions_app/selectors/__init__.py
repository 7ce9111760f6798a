"""What is read: sessions and their progress, models that are offered, results to download."""

from __future__ import annotations

from sessions_app.monitoring.health import Health, health
from sessions_app.selectors.evidence import evidence_of, standing_with_evidence
from sessions_app.selectors.sessions import (
    ROWS_AT_ONCE,
    Standing,
    confidence,
    current_snapshots,
    prediction_batches,
    standing,
    with_newest_progress,
)

__all__ = [
    "ROWS_AT_ONCE",
    "Health",
    "Standing",
    "confidence",
    "current_snapshots",
    "evidence_of",
    "health",
    "prediction_batches",
    "standing",
    "standing_with_evidence",
    "with_newest_progress",
]

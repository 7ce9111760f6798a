"""What is read: sessions and their progress, models that are offered, results to download."""

from __future__ import annotations

from sessions_app.files.results import confidence, objects_of
from sessions_app.monitoring.health import Health, health
from sessions_app.selectors.awaited import standing_once_changed
from sessions_app.selectors.evidence import evidence_of, standing_with_evidence
from sessions_app.selectors.explained import MOST_EXPLAINED, explained
from sessions_app.selectors.sessions import (
    Standing,
    current_snapshots,
    standing,
    with_newest_progress,
)

__all__ = [
    "MOST_EXPLAINED",
    "Health",
    "Standing",
    "confidence",
    "current_snapshots",
    "evidence_of",
    "explained",
    "health",
    "objects_of",
    "standing",
    "standing_once_changed",
    "standing_with_evidence",
    "with_newest_progress",
]

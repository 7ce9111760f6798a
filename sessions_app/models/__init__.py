"""What is kept in the database, one concept a file."""

from __future__ import annotations

from sessions_app.models.prediction import ObjectPrediction
from sessions_app.models.progress import ProgressEntry
from sessions_app.models.session import (
    DataSource,
    PredictionSession,
    Session,
    SessionKind,
    TrainingSession,
)
from sessions_app.models.snapshot import DatasetSnapshot
from sessions_app.models.uploaded_file import FilePurpose, UploadedFile

__all__ = [
    "DataSource",
    "DatasetSnapshot",
    "FilePurpose",
    "ObjectPrediction",
    "PredictionSession",
    "ProgressEntry",
    "Session",
    "SessionKind",
    "TrainingSession",
    "UploadedFile",
]

"""What is kept in the database, one concept a file."""

from __future__ import annotations

from sessions_app.models.attempt import Attempt
from sessions_app.models.host import Host, Installation
from sessions_app.models.idempotency import IdempotencyKey
from sessions_app.models.object_name import ObjectName
from sessions_app.models.progress import ProgressEntry
from sessions_app.models.request_count import RequestCount
from sessions_app.models.review import UNDECIDED, ObjectReview
from sessions_app.models.session import (
    EVIDENCE,
    AnalysisSession,
    DataSource,
    PredictionSession,
    Session,
    SessionKind,
    TrainingSession,
)
from sessions_app.models.snapshot import DatasetSnapshot
from sessions_app.models.snapshot_load import SnapshotLoad
from sessions_app.models.uploaded_file import FilePurpose, UploadedFile
from sessions_app.models.verdict import ObjectVerdict

__all__ = [
    "EVIDENCE",
    "UNDECIDED",
    "AnalysisSession",
    "Attempt",
    "DataSource",
    "DatasetSnapshot",
    "FilePurpose",
    "Host",
    "IdempotencyKey",
    "Installation",
    "ObjectName",
    "ObjectReview",
    "ObjectVerdict",
    "PredictionSession",
    "ProgressEntry",
    "RequestCount",
    "Session",
    "SessionKind",
    "SnapshotLoad",
    "TrainingSession",
    "UploadedFile",
]

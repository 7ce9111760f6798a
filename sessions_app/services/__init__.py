"""What a request, a command or an operator starts."""

from __future__ import annotations

from sessions_app.files.upload_handler import Upload
from sessions_app.services.analysing import start_analysis
from sessions_app.services.datasets import current_snapshot, load_command, load_dataset
from sessions_app.services.deleting import delete_session
from sessions_app.services.fewer_columns import FewerColumns
from sessions_app.services.inputs import ArchiveData, UploadedData, column_mapping
from sessions_app.services.naming import rename_session
from sessions_app.services.prediction import published_model, start_prediction
from sessions_app.services.publishing import (
    install,
    install_carried,
    publish,
    train_pretrained,
    withdraw,
    withdraw_unreadable,
)
from sessions_app.services.reaping import take_up_interrupted
from sessions_app.services.retention import CleanedUp, clean_up
from sessions_app.services.stopping import cancel_session, retry_session
from sessions_app.services.training import TrainingChoices, start_training

__all__ = [
    "ArchiveData",
    "CleanedUp",
    "FewerColumns",
    "TrainingChoices",
    "Upload",
    "UploadedData",
    "cancel_session",
    "clean_up",
    "column_mapping",
    "current_snapshot",
    "delete_session",
    "install",
    "install_carried",
    "load_command",
    "load_dataset",
    "publish",
    "published_model",
    "rename_session",
    "retry_session",
    "start_analysis",
    "start_prediction",
    "start_training",
    "take_up_interrupted",
    "train_pretrained",
    "withdraw",
    "withdraw_unreadable",
]

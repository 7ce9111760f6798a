"""What a request, a command or an operator starts."""

from __future__ import annotations

from sessions_app.services.datasets import current_snapshot, load_command, load_dataset
from sessions_app.services.inputs import ArchiveData, Upload, UploadedData
from sessions_app.services.interrupted import take_up_interrupted
from sessions_app.services.prediction import published_model, start_prediction
from sessions_app.services.publishing import publish, train_pretrained
from sessions_app.services.training import create_training, start_training

__all__ = [
    "ArchiveData",
    "Upload",
    "UploadedData",
    "create_training",
    "current_snapshot",
    "load_command",
    "load_dataset",
    "publish",
    "published_model",
    "start_prediction",
    "start_training",
    "take_up_interrupted",
    "train_pretrained",
]

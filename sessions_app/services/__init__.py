"""What a request, a command or an operator starts."""

from __future__ import annotations

from sessions_app.files.upload_handler import Upload
from sessions_app.services.analysing import start_analysis
from sessions_app.services.datasets import (
    current_snapshot,
    load_command,
    load_dataset,
    loaded_catalogues,
)
from sessions_app.services.deleting import delete_session
from sessions_app.services.fewer_columns import FewerColumns
from sessions_app.services.inputs import ArchiveData, UploadedData, column_mapping
from sessions_app.services.naming import rename_session
from sessions_app.services.prediction import start_prediction
from sessions_app.services.prediction_plan import asked_model, published_model
from sessions_app.services.preview import Preview
from sessions_app.services.previewing import preview_prediction, preview_training
from sessions_app.services.publishing import (
    install,
    install_carried,
    publish,
    train_pretrained,
    withdraw,
    withdraw_unreadable,
)
from sessions_app.services.reaping import take_up_interrupted
from sessions_app.services.reloading import ask_to_reload, reload_now
from sessions_app.services.rescoring import score_again
from sessions_app.services.retention import CleanedUp, clean_up
from sessions_app.services.reviewing import MOST_LETTERS, review_object, verdicts_on
from sessions_app.services.stopping import cancel_session, retry_session
from sessions_app.services.training import start_training
from sessions_app.services.training_plan import TrainingChoices

__all__ = [
    "MOST_LETTERS",
    "ArchiveData",
    "CleanedUp",
    "FewerColumns",
    "Preview",
    "TrainingChoices",
    "Upload",
    "UploadedData",
    "ask_to_reload",
    "asked_model",
    "cancel_session",
    "clean_up",
    "column_mapping",
    "current_snapshot",
    "delete_session",
    "install",
    "install_carried",
    "load_command",
    "load_dataset",
    "loaded_catalogues",
    "preview_prediction",
    "preview_training",
    "publish",
    "published_model",
    "reload_now",
    "rename_session",
    "retry_session",
    "review_object",
    "score_again",
    "start_analysis",
    "start_prediction",
    "start_training",
    "take_up_interrupted",
    "train_pretrained",
    "verdicts_on",
    "withdraw",
    "withdraw_unreadable",
]

"""Sessions that ended some days ago, with all that belongs to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
    UploadedFile,
)

MODEL = b"a model"
ROWS = b"some rows"
OBJECTS = b"objects"


def ended(
    days: float = 0, *, status: Status = Status.COMPLETED, published: bool = False
) -> TrainingSession:
    """Return a training session that ended so many days ago, with all that it has."""
    session = TrainingSession.objects.create(
        **common(days, status), kind="training", model_type="svm", published=published
    )
    equip(session)
    return session


def common(days: float, status: Status) -> dict[str, Any]:
    now = timezone.now()
    final = status in {Status.COMPLETED, Status.FAILED, Status.CANCELLED}
    return {
        "mission": "kepler",
        "data_source": "user",
        "status": status,
        "finished_at": now - timedelta(days=days) if final else None,
    }


def equip(session: Session) -> None:
    ProgressEntry.objects.create(session=session, percent=100.0, step="Completed")
    with storage.unfinished_file() as path:
        path.write_bytes(ROWS)
        name = storage.keep_file(path, f"uploads/{session.pk}-training_file")
    UploadedFile.objects.create(
        session=session, purpose="training_file", name="mine", file=name, size=9, rows=1
    )
    if session.status == Status.COMPLETED:
        with storage.work_folder(session.pk) as folder:
            (folder / "artifact").mkdir()
            (folder / "artifact" / "model").write_bytes(MODEL)
            storage.keep_folder(folder / "artifact", storage.artifact_folder(session.pk))
            (folder / "results").mkdir()
            (folder / "results" / "predictions.parquet").write_bytes(OBJECTS)
            storage.keep_folder(folder / "results", storage.results_folder(session.pk))


def prediction_with(model: TrainingSession, days: float = 0) -> PredictionSession:
    session = PredictionSession.objects.create(
        **common(days, Status.COMPLETED), kind="prediction", published_model=model
    )
    equip(session)
    return session


def analysis_of(session: Session, days: float, status: Status) -> AnalysisSession:
    return AnalysisSession.objects.create(
        **common(days, status), kind="analysis", of=session, analysis="importance"
    )


def files(session: Session) -> list[str]:
    return [
        f"artifacts/{session.pk}/model",
        f"results/{session.pk}/predictions.parquet",
        f"uploads/{session.pk}-training_file",
    ]

"""The missions' tables in which a session's signals of light curves are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.features.feature_sets import FeatureSet
from mlcore.tasks import VETTING
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession

if TYPE_CHECKING:
    from sessions_app.models import Session

__all__ = ["looked_up_in"]


def looked_up_in(session: Session) -> list[dict[str, Any]]:
    """Return the tables that a session was given when it was accepted, as its job is told of them.

    Each with the published model that vets the mission's objects, where one is installed.
    """
    return [
        {
            "mission": table.mission,
            "path": str(storage.local_file(table.file.name, sha256=table.file_sha256)),
            "dated": table.dated and table.dated.isoformat(),
            "model": _vets(table.mission),
        }
        for table in session.catalogues.order_by("mission")
    ]


def _vets(mission: str) -> dict[str, str] | None:
    model = (
        TrainingSession.objects.filter(
            published=True,
            status=Status.COMPLETED,
            mission=mission,
            task=VETTING.name,
            feature_set=FeatureSet.DEFAULT,
            card__isnull=False,
        )
        .order_by("-finished_at")
        .first()
    )
    if model is None or model.card is None:
        return None
    artifact = storage.local_folder(storage.artifact_folder(model.pk))
    return {"name": model.card["name"], "artifact": str(artifact)}

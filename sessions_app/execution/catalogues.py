"""The missions' tables in which a session's signals of light curves are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.features.feature_sets import FeatureSet
from mlcore.tasks import VETTING
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession

if TYPE_CHECKING:
    from sessions_app.models import DatasetSnapshot, Session

__all__ = ["looked_up_in", "table_told"]

_NUMBER = "^(KIC|EPIC|TIC) [0-9]+$"
"""Of a star, as light curves have them."""


def looked_up_in(session: Session) -> list[dict[str, Any]]:
    """Return the tables that a session was given when it was accepted, as its job is told of them.

    Each with the published model that vets the mission's objects, where one is installed.
    """
    if session.mission != LIGHT_CURVES.name:
        return []
    tables = session.catalogues.order_by("mission")
    return [table_told(table) | {"model": _vets(table.mission)} for table in tables]


def table_told(table: DatasetSnapshot) -> dict[str, Any]:
    """Return a table as `mlcore.lightcurves.catalogues.loaded.LoadedTable` is told of it."""
    numbers = (
        table.object_names.filter(star_key__regex=_NUMBER)
        .order_by("row", "star_key")
        .values_list("row", "star_key")
        .distinct()
    )
    return {
        "mission": table.mission,
        "path": str(storage.local_file(table.file.name, sha256=table.file_sha256)),
        "dated": table.dated and table.dated.isoformat(),
        "star_numbers": [list(one) for one in numbers],
    }


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

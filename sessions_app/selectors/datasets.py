"""The missions' tables as they are loaded: their snapshots, and which is current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS
from sessions_app.models import DatasetSnapshot

if TYPE_CHECKING:
    from mlcore.datasets.spec import Dataset

__all__ = ["LoadedDataset", "loaded_dataset", "loaded_datasets", "snapshot_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedDataset:
    """A mission's table."""

    dataset: Dataset
    snapshots: tuple[DatasetSnapshot, ...]
    """The newest first."""

    @property
    def current(self) -> DatasetSnapshot | None:
        """The snapshot that new sessions use."""
        return next((snapshot for snapshot in self.snapshots if snapshot.is_current), None)


def loaded_datasets() -> list[LoadedDataset]:
    """Return every mission, in the order in which they are shown, whether loaded or not."""
    by_mission: dict[str, list[DatasetSnapshot]] = {mission: [] for mission in DATASETS}
    for snapshot in DatasetSnapshot.objects.filter(mission__in=DATASETS).order_by("-loaded_at"):
        by_mission[snapshot.mission].append(snapshot)
    return [
        LoadedDataset(dataset=DATASETS[mission], snapshots=tuple(snapshots))
        for mission, snapshots in by_mission.items()
    ]


def loaded_dataset(mission: str) -> LoadedDataset | None:
    """Return a mission; None where there is none of this name."""
    found = (loaded for loaded in loaded_datasets() if loaded.dataset.name == mission)
    return next(found, None)


def snapshot_of(loaded: LoadedDataset, number: int | None = None) -> DatasetSnapshot | None:
    """Return a mission's snapshot by its id, the current one without; None where there is none."""
    if number is None:
        return loaded.current
    return next((snapshot for snapshot in loaded.snapshots if snapshot.pk == number), None)

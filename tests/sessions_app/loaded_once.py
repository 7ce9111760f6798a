"""Snapshots that are loaded once and put into each test's database and folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import model_to_dict

from sessions_app.models import DatasetSnapshot, ObjectName

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def loaded_once(
    kept: dict[str, Any], media: Path, load: Callable[[], DatasetSnapshot]
) -> DatasetSnapshot:
    """Return a snapshot as loading it made it, the first time by loading it."""
    if kept:
        path = media / kept["row"]["file"]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(kept["content"])
        snapshot = DatasetSnapshot.objects.create(**kept["row"])
        ObjectName.objects.bulk_create(
            ObjectName(snapshot=snapshot, **name) for name in kept["names"]
        )
        return snapshot
    snapshot = load()
    row = model_to_dict(snapshot, exclude=["id"]) | {"file": snapshot.file.name}
    names = snapshot.object_names.values("row", "object_key", "name", "key", "star_key")
    kept.update(row=row, names=list(names), content=(media / snapshot.file.name).read_bytes())
    return snapshot

"""Where a result is from: what its downloads say of themselves."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from django.conf import settings

from mlcore.datasets import DATASETS
from mlcore.prediction.table_formats.described import Fact
from mlcore.references import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["citation_file", "provenance_of"]


@cache
def citation_file() -> dict[str, Any]:
    """Return what this software says of how to cite it (CITATION.cff)."""
    text = (settings.BASE_DIR / "CITATION.cff").read_text(encoding="utf-8")
    said: dict[str, Any] = yaml.safe_load(text)
    return said


def provenance_of(session: Session, at: ExpectedRate | None = None) -> list[Fact]:
    """Return where a completed session's result is from; what does not apply is left out."""
    software = citation_file()
    dataset = DATASETS.get(session.mission)
    snapshot = session.snapshot or session.reference
    model = session.model or {}
    versions = ", ".join(f"{name} {number}" for name, number in model.get("versions", {}).items())
    uploaded = session.snapshot is None
    facts = {
        ("software", "SOFTWARE"): f"{software['title']} {software['version']}",
        ("session", "SESSION"): str(session.pk),
        ("session_kind", "SESSKIND"): session.kind,
        ("finished", "FINISHED"): session.finished_at and session.finished_at.isoformat(),
        ("mission", "MISSION"): session.mission,
        ("rows", "ROWSFROM"): session.get_data_source_display(),
        ("archive_table", "TABLE"): dataset and dataset.source,
        ("archive_doi", "TABLEDOI"): dataset and dataset.doi,
        ("acknowledgement", "ACKNOWL"): dataset and ACKNOWLEDGEMENT,
        ("compared_with" if uploaded else "snapshot", "SNAPSHOT"): snapshot
        and snapshot.source_description,
        ("snapshot_dated", "SNAPDATE"): snapshot and snapshot.dated and snapshot.dated.isoformat(),
        ("snapshot_sha256", "SNAPHASH"): snapshot and snapshot.sha256,
        ("task", "TASK"): session.task,
        ("model_type", "MODEL"): model.get("model_type"),
        ("trained_rows", "TRAINED"): model.get("train_rows"),
        ("seed", "SEED"): session.seed,
        ("libraries", "LIBRARY"): versions,
        ("mark", "MARK"): session.mark,
        ("planet_rate", "RATE"): at and at.rate,
    }
    return [
        Fact(name=name, keyword=keyword, value=str(value))
        for (name, keyword), value in facts.items()
        if value is not None and value != ""
    ]

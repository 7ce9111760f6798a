"""All that is needed to repeat a session, and to tell whether it came out the same."""

from __future__ import annotations

import hashlib
import platform
from typing import TYPE_CHECKING, Any

from mlcore.errors import ArtifactError
from mlcore.persistence.manifest import MANIFEST as ARTIFACT_MANIFEST
from mlcore.persistence.manifest import read_json
from mlcore.prediction.file_layout import PROBABILITIES
from mlcore.prediction.stored import FIELDS
from sessions_app.files import storage
from sessions_app.files.results import objects_of
from sessions_app.models import PredictionSession, SessionKind, TrainingSession
from sessions_app.selectors.provenance import citation_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from sessions_app.models import DatasetSnapshot, Session

__all__ = ["COMPARED", "FORMAT", "artifact_hashes", "column_digests", "manifest_of"]

FORMAT = 1
"""Of a manifest."""
COMPARED = ("name", "host", "label", "actual", *PROBABILITIES)
"""Columns of the predictions that a manifest has digests of."""
_GIVEN_AS = {field.name: field.given_as for field in FIELDS if field.given_as}


def manifest_of(session: Session) -> dict[str, Any]:
    """Return a completed session's manifest as JSON values.

    Raises
    ------
    GoneError
        When its predictions are no longer on this server.
    """
    software = citation_file()
    model = dict(session.model or {})
    rows = objects_of(session).columns(COMPARED)
    return {
        "format": FORMAT,
        "software": {"title": software["title"], "version": str(software["version"])},
        "session": {
            "id": str(session.pk),
            "kind": session.kind,
            "created_at": session.created_at.isoformat(),
            "finished_at": session.finished_at and session.finished_at.isoformat(),
        },
        "request": _request(session),
        "snapshot": session.snapshot and _snapshot(session.snapshot),
        "reference": session.reference and _snapshot(session.reference),
        "catalogues": [_snapshot(one) for one in session.catalogues.order_by("mission")],
        "files": [
            {
                "field": file.purpose,
                "name": file.name,
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in session.files.order_by("purpose")
        ],
        "versions": model.get("versions", {}) | {"python": platform.python_version()},
        "machine": platform.machine(),
        "model_info": {
            name: model.get(name)
            for name in ("model_type", "hyperparameters", "columns", "left_out", "train_rows")
        },
        "artifact": artifact_hashes(session),
        "metrics": session.metrics,
        "predictions": {"rows": len(rows), "sha256": column_digests(rows)},
    }


def artifact_hashes(session: Session) -> dict[str, str]:
    """Return the SHA-256 of each file of a session's model; nothing where it is gone."""
    folder = storage.local_folder(storage.artifact_folder(session.pk))
    try:
        hashes: Mapping[str, str] = read_json(folder / ARTIFACT_MANIFEST)["sha256"]
    except (ArtifactError, OSError, ValueError, KeyError):
        return {}
    return dict(hashes)


def column_digests(rows: pa.Table) -> dict[str, str]:
    """Return a SHA-256 of each column: the same where every value is the same to the bit."""
    return {_GIVEN_AS.get(name, name): _digest(rows.column(name)) for name in rows.column_names}


def _digest(values: pa.ChunkedArray) -> str:
    digest = hashlib.sha256()
    for value in values.to_pylist():
        # As hexadecimal digits, a number's bits are all there.
        word = value.hex() if isinstance(value, float) else value
        digest.update(b"\x00" if word is None else b"\x01" + word.encode() + b"\x00")
    return digest.hexdigest()


def _request(session: Session) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "mission": session.mission,
        "task": session.task,
        "data_source": session.data_source,
        "seed": session.seed,
        "second_opinion": session.second_opinion,
        "mapping": session.mapping or None,
        "known_signals": session.known_signals,
        "waits_for_evidence": session.waits_for_evidence,
    }
    if session.kind == SessionKind.TRAINING:
        training = TrainingSession.objects.get(pk=session.pk)
        further = training.further_snapshots.order_by("mission", "dated")
        return asked | {
            "published": training.card["name"] if training.card else None,
            "model_type": training.model_type,
            "hyperparameters": training.hyperparameters,
            "feature_set": training.feature_set,
            "label_derived_columns": training.label_derived,
            "protocols": training.protocols,
            "further_snapshots": [_snapshot(one) for one in further],
        }
    prediction = PredictionSession.objects.select_related("published_model").get(pk=session.pk)
    of = prediction.published_model
    return asked | {
        "model": {
            "id": str(of.pk),
            "name": of.card["name"] if of.card else None,
            "artifact": artifact_hashes(of),
        },
        "refit": bool((session.model or {}).get("left_out")),
    }


def _snapshot(snapshot: DatasetSnapshot) -> dict[str, Any]:
    return {
        "mission": snapshot.mission,
        "sha256": snapshot.sha256,
        "file_sha256": snapshot.file_sha256,
        "dated": snapshot.dated and snapshot.dated.isoformat(),
        "source_description": snapshot.source_description,
        "rows": snapshot.rows,
    }

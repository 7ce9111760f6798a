"""A session's model as files to take away."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mlcore.errors import ArtifactError
from mlcore.persistence.manifest import MANIFEST, no_onnx, read_manifest
from sessions_app.exceptions import ConflictError, GoneError
from sessions_app.files import storage
from sessions_app.files.written import made_once, version_of
from sessions_app.files.written_apart import write_apart

if TYPE_CHECKING:
    from pathlib import Path

    from sessions_app.models import Session

__all__ = ["Artifact", "ArtifactFile", "ModelFormat", "artifact_of", "model_file"]


class ModelFormat(StrEnum):
    """What a model can be taken away as."""

    ZIP = "zip"
    """The folder that `mlcore.load_artifact` reads, once it is unpacked."""
    ONNX = "onnx"
    """The classifier, for any runtime of ONNX."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactFile:
    """One of a model's files."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Empty for the manifest, which has those of the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A session's model."""

    model_type: str
    files: tuple[ArtifactFile, ...]
    formats: tuple[ModelFormat, ...]
    """What it can be downloaded as."""


def artifact_of(session: Session) -> Artifact:
    """Return what a completed session's model consists of; refused with 410 where it is gone."""
    folder = _folder(session)
    try:
        manifest = read_manifest(folder)
    except ArtifactError as error:
        raise GoneError("The session's model is no longer on this server.") from error
    named = {MANIFEST: "", **manifest["sha256"]}
    has_onnx = not no_onnx(manifest["model_type"])
    return Artifact(
        model_type=manifest["model_type"],
        files=tuple(
            ArtifactFile(name=name, size=(folder / name).stat().st_size, sha256=sha256)
            for name, sha256 in named.items()
        ),
        formats=(ModelFormat.ZIP, *([ModelFormat.ONNX] if has_onnx else [])),
    )


def model_file(session: Session, kind: ModelFormat) -> Path:
    """Return a completed session's model as one file, which is written where it is not there.

    Refused with 409 where it cannot be written so, and with 410 where it is gone.
    """
    artifact = artifact_of(session)
    if kind not in artifact.formats:
        raise ConflictError(no_onnx(artifact.model_type))

    def make(path: Path) -> None:
        write_apart(
            "mlcore.jobs.write_model:write_model_job",
            {"artifact": str(_folder(session)), "target": str(path), "format": str(kind)},
            what="The model's file",
        )

    return made_once(session.pk, f"model.{kind}", version_of(session.finished_at), make)


def _folder(session: Session) -> Path:
    return storage.local_folder(storage.artifact_folder(session.pk))

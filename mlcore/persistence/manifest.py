"""What a saved model says of itself, read without the libraries that the model itself needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS
from mlcore.errors import ArtifactError
from mlcore.models.model_types import MODELS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DOMAIN", "FORMAT", "MANIFEST", "read_json", "read_manifest", "write_json"]

FORMAT = 2
"""Of the folder that `mlcore.persistence.artifact` writes."""

MANIFEST = "manifest.json"
DOMAIN = "domain.json"
"""The file with what the training rows look like, `mlcore.models.novelty.Novelty.as_json`."""

_KEYS = {
    "format",
    "missions",
    "inputs",
    "task",
    "frequencies",
    "train_rows",
    "model_type",
    "hyperparameters",
    "columns",
    "classes",
    "baseline",
    "seed",
    "versions",
    "sha256",
}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what `mlcore.persistence.artifact.save_artifact` wrote about a model.

    Raises
    ------
    ArtifactError
        When the folder holds no manifest of a known format.
    """
    try:
        manifest: Any = read_json(folder / MANIFEST)
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict):
        raise ArtifactError("The saved model is missing or its manifest is damaged.")
    if manifest.get("format") != FORMAT:
        raise ArtifactError(
            f"The saved model has format {manifest.get('format')}, but this version reads {FORMAT}."
        )
    if not manifest.keys() >= _KEYS:
        raise ArtifactError("The saved model is missing or its manifest is damaged.")
    known = manifest["model_type"] in MODELS and set(manifest["missions"]) <= DATASETS.keys()
    if not known:
        raise ArtifactError("The saved model is of a type or mission that is not known here.")
    return manifest


def write_json(path: Path, content: Any, *, indent: int | None = None, end: str = "") -> None:
    """Write JSON values, strictly, the same bytes for the same values."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(content, indent=indent, separators=separators, allow_nan=False)
    path.write_text(text + end, encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))

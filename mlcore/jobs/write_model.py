"""Writing a saved model as one file to take away: its folder as an archive, or as ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.persistence.archive import write_archive
from mlcore.persistence.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["write_model_job"]


def write_model_job(
    argument: Mapping[str, Any],
    emit: Callable[[dict[str, Any]], None],  # noqa: ARG001
) -> dict[str, Any]:
    """Write a saved model as one file.

    Parameters
    ----------
    argument
        ``artifact``: folder of the model; ``target``: where to write; ``format``: ``zip`` for all
        files that its manifest names and the manifest itself, or ``onnx``.
    emit
        Receives nothing.

    Returns
    -------
    dict
        Nothing.

    Raises
    ------
    ArtifactError
        When the model is damaged, or of a type that cannot be written so.
    """
    folder, target = Path(argument["artifact"]), Path(argument["target"])
    if argument["format"] == "zip":
        names = [MANIFEST, *sorted(read_manifest(folder)["sha256"])]
        write_archive(target, [folder / name for name in names], within=folder)
    else:
        # Their libraries take seconds to load, and an archive needs none of them.
        from mlcore.persistence.artifact import load_artifact  # noqa: PLC0415
        from mlcore.persistence.as_onnx import write_onnx  # noqa: PLC0415

        write_onnx(load_artifact(folder), target)
    return {}

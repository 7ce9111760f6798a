"""Whether a model's folder is what its manifest says."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sessions_app.files import disk
from sessions_app.files.store import LAST

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_whole", "named_parts"]


def is_whole(folder: Path) -> bool:
    """Tell whether a model's folder holds what its manifest says, and nothing else."""
    try:
        expected = _digests(folder)
        files = {
            str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()
        } - {LAST["artifacts"]}
        return files == expected.keys() and all(
            disk.sha256_of(folder / part) == digest for part, digest in expected.items()
        )
    except (OSError, ValueError):
        return False


def named_parts(folder: Path) -> list[str]:
    """Return the files that a manifest names, none of them out of its folder."""
    try:
        named = _digests(folder)
    except ValueError:
        return []
    paths = map(PurePosixPath, named)
    return [str(path) for path in paths if not path.is_absolute() and ".." not in path.parts]


def _digests(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / LAST["artifacts"]).read_bytes())
    if not isinstance(manifest, dict) or not isinstance(manifest.get("sha256"), dict):
        raise ValueError("it is no manifest")
    return manifest["sha256"]

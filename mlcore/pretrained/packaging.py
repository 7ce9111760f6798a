"""What training a published model leaves, in a folder, and how it is carried, in an archive.

A folder holds ``artifact`` (see `mlcore.persistence.artifact`), ``result.json`` (what a session
keeps of a training), ``verdicts.json`` (what it says of every object of its missions) and
``card.json``. Carried, the card stands by itself, readable and diffable,
and the rest is one archive beside it.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from mlcore.errors import ArtifactError
from mlcore.jobs.messages import ARTIFACT
from mlcore.persistence.archive import write_archive
from mlcore.persistence.manifest import read_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ARCHIVE", "CARD", "RESULT", "VERDICTS", "pack", "read_json", "unpack_archive"]

CARD = "card.json"
RESULT = "result.json"
VERDICTS = "verdicts.json"
ARCHIVE = "model.zip"

_LARGEST = 64 * 10**6
"""Most bytes that an archive may unpack to."""


def pack(folder: Path, target: Path) -> None:
    """Write what training left to the folder that is carried, which is replaced.

    Parameters
    ----------
    folder
        What `mlcore.pretrained.train_published` wrote.
    target
        Folder for the card and the archive.
    """
    target.mkdir(parents=True, exist_ok=True)
    (target / CARD).write_bytes((folder / CARD).read_bytes())
    paths = [*sorted((folder / ARTIFACT).iterdir()), folder / RESULT, folder / VERDICTS]
    write_archive(target / ARCHIVE, paths, within=folder)


def unpack_archive(carried: Path, folder: Path) -> None:
    """Write what `pack` packed to a new folder.

    Raises
    ------
    ArtifactError
        When the archive is missing or damaged.
    """
    try:
        with zipfile.ZipFile(carried / ARCHIVE) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > _LARGEST:
                raise ArtifactError("The carried model is larger than any that was carried.")
            (folder / ARTIFACT).mkdir(parents=True)
            for entry in entries:
                parts = entry.filename.split("/")
                place = folder / ARTIFACT if parts[0] == ARTIFACT else folder
                # Only ever the last part: an archive cannot name a place of its own.
                (place / parts[-1]).write_bytes(archive.read(entry))
        (folder / CARD).write_bytes((carried / CARD).read_bytes())
    except (OSError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ArtifactError("The carried model is missing or damaged.") from error

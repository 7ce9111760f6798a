"""Which files of an archive are plainly no light curves, told by how they begin."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mlcore.datasets.readers.formats import Format, recognised
from mlcore.errors import DataError
from mlcore.lightcurves.bundles.bundle import DAMAGED
from mlcore.lightcurves.reading.recognition import holds_light_curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.bundles.bundle import Bundle, StarFiles

__all__ = ["unlike_light_curves"]

_BEGINNING = 32_768
"""How much of a file is read [bytes]: headings and what is said above them, as a rule."""


def unlike_light_curves(bundle: Bundle, stars: Sequence[StarFiles]) -> tuple[str, ...]:
    """Return which files of an archive do not begin like light curves.

    Of a file that is no text only its kind is told; what is in it is seen when it is read.

    Parameters
    ----------
    bundle
        An archive; of anything else nothing is told.
    stars
        Those of its stars whose files are looked at.
    """
    if not bundle.packed:
        return ()
    with zipfile.ZipFile(bundle.path) as archive, TemporaryDirectory() as folder:
        place = Path(folder) / "beginning"
        return tuple(
            name
            for star in stars
            for name in star.files
            if not _begins_like_one(archive, name, place)
        )


def _begins_like_one(archive: zipfile.ZipFile, name: str, place: Path) -> bool:
    try:
        with archive.open(name) as file:
            beginning = file.read(_BEGINNING)
        if recognised(beginning) is not Format.TEXT:
            return True
    except (DataError, *DAMAGED):
        return False
    # Without the line that it ends in, of which there may be more.
    whole = len(beginning) < _BEGINNING
    place.write_bytes(beginning if whole else beginning.rpartition(b"\n")[0])
    return holds_light_curve(place)

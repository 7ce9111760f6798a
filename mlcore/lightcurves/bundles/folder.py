"""Which stars' light curves are in a folder, of which there may be any number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.readers.archives import is_junk
from mlcore.lightcurves.bundles.bundle import Bundle, grouped
from mlcore.lightcurves.bundles.listing import is_list, read_list

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bundle_of_folder"]


def bundle_of_folder(folder: Path) -> Bundle:
    """Return which stars' light curves are in a folder and the folders in it, without a limit.

    Raises
    ------
    DataError
        When there is none, or the table beside them is wrong.
    """
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    relative = (path.relative_to(folder).as_posix() for path in paths)
    names = [name for name in relative if not is_junk(name)]
    listed = tuple(row for name in names if is_list(name) for row in read_list(folder / name, name))
    return Bundle(path=folder, stars=grouped(names, listed, most=None), packed=False)

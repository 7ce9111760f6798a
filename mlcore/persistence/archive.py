"""Files in one ZIP archive: the same bytes for the same files."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["write_archive"]


def write_archive(target: Path, files: Iterable[Path], *, within: Path) -> None:
    """Write files to an archive, which is replaced.

    Parameters
    ----------
    target
        Where to write.
    files
        The files, in the archive's order.
    within
        The folder below which their names in the archive begin.
    """
    with zipfile.ZipFile(target, "w") as archive:
        for path in files:
            # The time of writing would make each archive another one.
            entry = zipfile.ZipInfo(path.relative_to(within).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)

"""Which stars' light curves a file holds: one star's, or an archive of many."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mlcore.datasets.readers.archives import files_among, is_workbook, members_of
from mlcore.datasets.readers.formats import Format
from mlcore.datasets.readers.packing import Content, gunzipped
from mlcore.errors import DataError
from mlcore.lightcurves.bundles.listing import is_list, read_list
from mlcore.lightcurves.reading.arrays import npz_content
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.read import read_light_curve
from mlcore.lightcurves.reading.recognition import holds_light_curve
from mlcore.lightcurves.reading.stars import named_by_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcore.lightcurves.bundles.listing import Listed
    from mlcore.lightcurves.light_curve import LightCurve

__all__ = [
    "DAMAGED",
    "Bundle",
    "StarFiles",
    "bundle_in",
    "curve_of",
    "grouped",
    "holds_light_curves",
]

_LOOKED_AT = 5
"""Files of an archive that are opened to tell whether it is one of light curves."""
_SUFFIXES = (
    *(".gz", ".csv", ".tsv", ".txt", ".dat", ".fits", ".fit", ".parquet", ".npz", ".ecsv"),
    *(".json", ".xlsx", ".ods", ".vot", ".xml", ".tbl", ".lc"),
)

DAMAGED = (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading a damaged member of an archive raises, by how it is packed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StarFiles:
    """The files of one star's light curve."""

    name: str
    """Of the star, as its files' names tell it, or their name."""
    files: tuple[str, ...]
    """What they are called: within the archive or the folder, where they are in one."""
    listed: tuple[Listed, ...] = ()
    """What the table beside the light curves says of the star."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """Light curves of stars in a file or a folder."""

    path: Path
    stars: tuple[StarFiles, ...]
    packed: bool
    """Whether the path is an archive, of which they are members."""

    def contents(self, star: StarFiles) -> tuple[tuple[str, bytes], ...]:
        """Return what a star's files are called, and what is in them.

        Raises
        ------
        DataError
            When they are more than a star may have.
        """
        if self.path.is_dir():
            paths = [self.path / name for name in star.files]
            _check_size(sum(path.stat().st_size for path in paths))
            return tuple((path.name, path.read_bytes()) for path in paths)
        if not self.packed:
            return ((star.files[0], self.path.read_bytes()),)
        with zipfile.ZipFile(self.path) as archive:
            members = [archive.getinfo(name) for name in star.files]
            # No more is unpacked than a member claims to have.
            _check_size(sum(member.file_size for member in members))
            return tuple(
                (PurePosixPath(member.filename).name, _read(archive, member.filename))
                for member in members
            )


def holds_light_curves(path: Path) -> bool:
    """Tell whether a file is a light curve, or an archive of some, by its headings alone.

    What cannot be read is none, whatever is wrong with it: whoever reads it says what.
    """
    try:
        names = _members(path)
        if names is None:
            return holds_light_curve(path)
        curves = [name for name in names if not is_list(name)]
        with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
            for name in curves[:_LOOKED_AT]:
                if archive.getinfo(name).file_size > CURVE_LIMITS.star_bytes:
                    continue
                place = Path(folder) / "curve"
                # One that is damaged says nothing of the others.
                with suppress(DataError):
                    place.write_bytes(_read(archive, name))
                    if holds_light_curve(place):
                        return True
    except (DataError, zipfile.BadZipFile, OSError):
        return False
    return False


def bundle_in(path: Path, name: str) -> Bundle:
    """Return which stars' light curves a file holds.

    Parameters
    ----------
    path
        A light curve in any format that is read, or a zip archive of light curves, in which a table
        called ``signals``, ``stars``, ``labels`` or the like may say what is known of them.
    name
        What it was called.

    Raises
    ------
    NotATableError
        When it is a damaged archive.
    DataError
        When it holds more stars than are read at once, or its table is wrong.
    """
    names = _members(path)
    if names is None:
        return Bundle(path=path, stars=(StarFiles(name=_star(name), files=(name,)),), packed=False)
    listed: tuple[Listed, ...] = ()
    for member in (one for one in names if is_list(one)):
        with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
            _check_size(archive.getinfo(member).file_size)
            place = Path(folder) / PurePosixPath(member).name
            place.write_bytes(_read(archive, member, what=f"the table {member[:60]}"))
            listed += read_list(place, member)
    return Bundle(path=path, stars=grouped(names, listed), packed=True)


def grouped(
    names: Sequence[str],
    listed: Sequence[Listed] = (),
    *,
    most: int | None = CURVE_LIMITS.max_stars,
) -> tuple[StarFiles, ...]:
    """Return files by the stars that their names tell, or that the table beside them does.

    Parameters
    ----------
    names
        Of all files; those of tables beside the light curves are left out.
    listed
        The rows of these tables.
    most
        How many stars there may be; None for any number.

    Raises
    ------
    DataError
        When there are none, or too many, or a row is of a file that is not there.

    Examples
    --------
    >>> [star.files for star in grouped(["kplr011442793-1.fits", "b.csv", "kplr011442793-2.fits"])]
    [('kplr011442793-1.fits', 'kplr011442793-2.fits'), ('b.csv',)]
    """
    curves = [name for name in names if not is_list(name)]
    called = {row.file: row.star for row in listed if row.file and row.star}
    by_star: dict[str, list[str]] = {}
    for name in curves:
        last = PurePosixPath(name).name
        told = called.get(name) or called.get(last) or named_by_file(last)
        # Files of no star's name are each of a star of their own, also where they are called alike.
        by_star.setdefault(told or name, []).append(name)
    if not by_star:
        raise DataError("There is no light curve in it.")
    if most is not None and len(by_star) > most:
        raise DataError(
            f"There are light curves of {len(by_star):,} stars in it; at most {most:,} are searched"
            " in one session."
        )
    rows: dict[str, list[Listed]] = {}
    own_names = frozenset(curves)
    of_files, of_names = _indexed(by_star) if listed else ({}, {})
    for row in listed:
        star = of_files.get(row.file) if row.file else of_names.get(row.star)
        if star is None:
            raise DataError(f"No light curve is there of {(row.file or row.star)[:60]}.")
        rows.setdefault(star, []).append(row)
    return tuple(
        StarFiles(
            name=star if star not in own_names else _star(star),
            files=tuple(files),
            listed=tuple(rows.get(star, ())),
        )
        for star, files in by_star.items()
    )


@contextmanager
def _unpacked(contents: Sequence[tuple[str, bytes]]) -> Iterator[list[Path]]:
    with TemporaryDirectory(prefix="exoplanet-curve-") as folder:
        paths = []
        for place, (_, content) in enumerate(contents):
            path = Path(folder) / str(place)
            path.write_bytes(content)
            paths.append(path)
        yield paths


def curve_of(contents: Sequence[tuple[str, bytes]]) -> LightCurve:
    """Read the light curve of one star from what its files are called and what is in them.

    Raises
    ------
    DataError
        As `mlcore.read_light_curve` does.
    """
    with _unpacked(contents) as paths:
        return read_light_curve(paths, names=[name for name, _ in contents])


def _indexed(by_star: dict[str, list[str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return which star a file is of, by both of its names, and which one is called so.

    Of several that are called alike it is the first.
    """
    of_files: dict[str, str] = {}
    of_names = {star: star for star in by_star}
    for star, files in by_star.items():
        for name in files:
            of_files.setdefault(name, star)
            of_files.setdefault(PurePosixPath(name).name, star)
        of_names.setdefault(_star(star), star)
    return of_files, of_names


def _members(path: Path) -> list[str] | None:
    """Return the files of an archive that is no table by itself; None where it is no such one."""
    if npz_content(path):
        return None
    content = gunzipped(Content(path=path))
    if content.kind is not Format.ZIP or content.gzipped:
        return None
    with content.file() as file:
        members = members_of(file)
    if is_workbook(members):
        return None
    return sorted(member.filename for member in files_among(members))


def _read(archive: zipfile.ZipFile, name: str, *, what: str = "this light curve") -> bytes:
    try:
        return archive.read(name)
    except DAMAGED as error:
        raise DataError(f"The archive is damaged where {what} is.") from error


def _star(name: str) -> str:
    last = PurePosixPath(name).name
    if star := named_by_file(last):
        return star
    while (shorter := last.removesuffix(next((s for s in _SUFFIXES if last.endswith(s)), ""))) != (
        last
    ):
        last = shorter
    return last[:60] or name[:60]


def _check_size(size: int) -> None:
    if size > CURVE_LIMITS.star_bytes:
        limit = CURVE_LIMITS.star_bytes / 10**6
        raise DataError(f"The files of this star are larger than {limit:g} MB unpacked.")

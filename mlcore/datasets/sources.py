"""Where a mission's table comes from: a file, a folder, the archive, or the package itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mlcore.datasets.archive import TAP_URL, fetch
from mlcore.datasets.checking import read_table, table_from
from mlcore.datasets.companion import companion_in, with_companion
from mlcore.datasets.folder import tables_of
from mlcore.datasets.other_names import names_beside, names_in_file, other_names
from mlcore.datasets.readers.read import read_columns
from mlcore.errors import DataError
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from mlcore.datasets.other_names import OtherName
    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.progress import ProgressCallback

__all__ = ["Obtained", "SourceKind", "UnavailableError", "obtain", "tables_in"]


class SourceKind(StrEnum):
    """Where a table comes from, in the order in which the places are tried."""

    FILE = "file"
    FOLDER = "folder"
    ARCHIVE = "archive"
    CARRIED = "carried"


class UnavailableError(DataError):
    """No source has the mission's table; the text names each and the command that loads it."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Obtained:
    """A mission's table and where it is from."""

    table: Table
    kind: SourceKind
    description: str
    """The source in words, such as the file's name."""
    dated: date | None
    """Date of the data."""
    sha256: str
    """Of the file's bytes; of the rows, written as CSV, for an answer of the archive."""
    other_names: tuple[OtherName, ...] = ()
    """What else its objects and their stars are called."""
    failures: tuple[str, ...] = ()
    """Why the sources before this one were not taken, as sentences."""


def obtain(
    dataset: Dataset,
    *,
    file: Path | None = None,
    folder: Path | None = None,
    use_archive: bool = True,
    progress: ProgressCallback | None = None,
    archive_url: str = TAP_URL,
) -> Obtained:
    """Get a mission's table from the first source that has it.

    Parameters
    ----------
    dataset
        The mission.
    file
        The only source to use, when given.
    folder
        A folder with tables of the archive, recognised by their columns.
    use_archive
        Whether to ask the archive over the network.
    progress
        Called with the fraction that is done and the current step.
    archive_url
        Address of the archive's TAP service.

    Returns
    -------
    Obtained
        The table, with labels.

    Raises
    ------
    DataError
        When the given file is no table of this mission.
    UnavailableError
        When no source has the table.

    Examples
    --------
    The project carries one table, which needs no network:

    >>> import mlcore
    >>> obtained = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False)
    >>> len(obtained.table)
    8054
    """
    report = progress or silent
    if file is not None:
        report(0.0, f"Reading {file.name}")
        obtained = _from_file(dataset, file, SourceKind.FILE)
        report(1.0, f"Read {file.name}")
        return obtained
    failures: list[str] = []
    attempts: tuple[tuple[str, Callable[[], Obtained]], ...] = (
        ("Looking through the folder", lambda: _from_folder(dataset, folder, failures)),
        ("Asking the NASA Exoplanet Archive", lambda: _from_archive(dataset, archive_url)),
        ("Reading the carried table", lambda: _from_package(dataset)),
    )
    for number, (step, attempt) in enumerate(attempts):
        if number == 1 and not use_archive:
            failures.append("The NASA Exoplanet Archive was not asked.")
            continue
        report(number / len(attempts), step)
        try:
            obtained = attempt()
        except DataError as error:
            failures.append(str(error))
            continue
        report(1.0, f"Read {obtained.description}")
        return replace(obtained, failures=tuple(failures))
    raise UnavailableError(
        f"{dataset.title} cannot be loaded. {' '.join(failures)} "
        f"Load a file with: manage.py load_dataset {dataset.name} --file PATH"
    )


def tables_in(folder: Path, dataset: Dataset) -> tuple[Path, ...]:
    """Return the files in a folder that are a mission's table, the newest date first.

    A file is recognised by its columns: the label, the host star, the object's name and most of
    the default features. Its own header says its date; files without one come last.
    """
    features = {*dataset.feature_names}
    tables = [
        table
        for table in tables_of(folder, dataset)
        if not table.rebuilt and 2 * len(features & table.columns) > len(features)
    ]
    # Sorting keeps the order by name among those of one date.
    return tuple(table.path for table in sorted(tables, key=lambda table: table.age, reverse=True))


def _from_file(dataset: Dataset, path: Path, kind: SourceKind) -> Obtained:
    try:
        dated = read_columns(path)[1]
        table = read_table(path, dataset, require_labels=True)
        names = names_in_file(path, table)
        digest = _digest(path)
    except OSError as error:
        raise DataError(f"The file {path.name} cannot be opened: {_why(error)}.") from error
    return Obtained(
        table=table,
        kind=kind,
        description=f"the file {path.name}",
        dated=dated,
        sha256=digest,
        other_names=names,
    )


def _from_folder(dataset: Dataset, folder: Path | None, failures: list[str]) -> Obtained:
    if folder is None:
        raise DataError("No folder with tables of the archive is set.")
    try:
        paths = tables_in(folder, dataset)
    except OSError as error:
        raise DataError(f"The folder {folder.name} cannot be opened: {_why(error)}.") from error
    for path in paths:
        try:
            return _accompanied(_from_file(dataset, path, SourceKind.FOLDER), folder)
        except DataError as error:
            failures.append(f"{path.name} in the folder cannot be used: {error}")
    raise DataError(f"The folder {folder.name} has no usable table of {dataset.title}.")


def _accompanied(obtained: Obtained, folder: Path) -> Obtained:
    """Join what the folder has beside a mission's table of the same rows."""
    path = companion_in(folder, obtained.table)
    if path is None:
        return obtained
    return replace(
        obtained,
        table=with_companion(obtained.table, path),
        description=f"{obtained.description}, with {path.name} joined",
    )


def _from_archive(dataset: Dataset, url: str) -> Obtained:
    if dataset.handed_on:
        raise DataError(
            f"The table of {dataset.title} is loaded from a file or a folder only: the NASA"
            " Exoplanet Archive does not serve it in this form."
        )
    raw = fetch(dataset, url=url)
    table = table_from(raw, dataset, require_labels=True)
    rows = table.frame.to_csv(index=False, lineterminator="\n").encode()
    return Obtained(
        table=table,
        kind=SourceKind.ARCHIVE,
        description=f"the NASA Exoplanet Archive's table {dataset.archive_table}",
        dated=raw.dated,
        sha256=hashlib.sha256(rows).hexdigest(),
        other_names=other_names(raw.frame, table),
    )


def _from_package(dataset: Dataset) -> Obtained:
    carried = dataset.carried
    if carried is None:
        raise DataError("The project carries no table of this mission.")
    if _digest(carried.path) != carried.sha256:
        raise DataError(f"The carried {carried.title} is damaged.")
    table = read_table(carried.path, dataset, require_labels=True)
    return Obtained(
        table=table,
        kind=SourceKind.CARRIED,
        description=f"the carried {carried.title}",
        dated=carried.dated,
        sha256=carried.sha256,
        other_names=() if carried.names is None else names_beside(carried.names, table),
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why(error: OSError) -> str:
    reasons = {
        FileNotFoundError: "it does not exist",
        PermissionError: "it may not be read",
        IsADirectoryError: "it is a folder",
        NotADirectoryError: "it is no folder",
    }
    return reasons.get(type(error), "it cannot be read")

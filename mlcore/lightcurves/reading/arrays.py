"""Files of arrays: NPZ, and Parquet with a whole light curve in one row.

What the arrays claim to hold is looked at before any memory is taken for them.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
import pandas as pd

from mlcore.datasets.readers.archives import members_of
from mlcore.datasets.readers.formats import Format, NotATableError
from mlcore.datasets.readers.packing import Content, gunzipped
from mlcore.datasets.readers.raw_table import Heading
from mlcore.errors import DataError
from mlcore.in_words import quoted
from mlcore.lightcurves.reading.columns import Role, refuse_other_tables, roles_of
from mlcore.lightcurves.reading.facts import Facts
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.measurements import Measurements

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["npz_content", "npz_headings", "parquet_lists", "read_npz"]

_ARRAY = ".npy"
_AT_ONCE = 1 << 16


def npz_content(path: Path) -> Content | None:
    """Return a file of numpy's arrays, None where it is another."""
    content = gunzipped(Content(path=path))
    if content.kind is not Format.ZIP:
        return None
    with content.file() as file:
        members = members_of(file)
    arrays = [member for member in members if member.filename.endswith(_ARRAY)]
    return content if arrays and len(arrays) == len(members) else None


def npz_headings(content: Content) -> list[str]:
    """Return the names of the arrays in a file."""
    with content.file() as file:
        return [member.filename.removesuffix(_ARRAY) for member in members_of(file)]


def read_npz(content: Content) -> Measurements:
    """Read the arrays of a light curve in a file of numpy's.

    Raises
    ------
    NotATableError
        When it is damaged.
    DataError
        When it has no such arrays, or what they hold or claim to hold is not allowed.
    """
    names = npz_headings(content)
    refuse_other_tables(names)
    roles = roles_of(names)
    try:
        with content.file() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            claimed = sum(members[place].file_size for place in roles.values())
            if claimed > CURVE_LIMITS.npz_bytes:
                raise DataError(
                    "The arrays of the NPZ file are larger than the"
                    f" {CURVE_LIMITS.npz_bytes / 10**6:g} MB that they may be."
                )
            arrays = {}
            for role, place in roles.items():
                with archive.open(members[place]) as member:
                    arrays[role] = _array(cast("BinaryIO", member), names[place])
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError),
        # What numpy makes of a header that is no literal.
        *(SyntaxError, tokenize.TokenError, RuntimeError, MemoryError),
    ) as error:
        raise NotATableError("The NPZ file is damaged: its arrays cannot be read.") from error
    return _measurements(arrays, {role: names[place] for role, place in roles.items()})


def _array(file: BinaryIO, name: str) -> NDArray[Any]:
    """Read an array whose header is that of numbers or words, one for each point."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, fortran, kind = np.lib.format.read_array_header_1_0(file)
    else:
        shape, fortran, kind = np.lib.format.read_array_header_2_0(file)
    if kind.hasobject or kind.kind not in "fiubUSM":
        raise DataError(
            f"The array {quoted(name)} of the NPZ file holds"
            f" {'Python objects' if kind.hasobject else f'values of the type {kind}'}; allowed are"
            " numbers."
        )
    if any(side < 0 for side in shape):
        raise ValueError(shape)
    count = int(np.prod([int(side) for side in shape], dtype=object)) if shape else 1
    if count > CURVE_LIMITS.max_points:
        raise DataError(
            f"The array {quoted(name)} of the NPZ file has more than the"
            f" {CURVE_LIMITS.max_points:,} points that a light curve may have."
        )
    if kind.itemsize > 64 * 4 or count * kind.itemsize > CURVE_LIMITS.npz_bytes:
        raise DataError(f"The array {quoted(name)} of the NPZ file has words that are too long.")
    if max(shape, default=1) != count:
        raise DataError(
            f"The array {quoted(name)} of the NPZ file has the shape {tuple(shape)}; allowed is one"
            " number for each time."
        )
    stored = file.read(count * kind.itemsize)
    del fortran
    return np.frombuffer(io.BytesIO(stored).getbuffer(), dtype=kind, count=count)


def parquet_lists(file: Any) -> Measurements | None:
    """Read a light curve that stands in one row of a Parquet file, as lists.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
        Whose claims are within the limits of tables.

    Returns
    -------
    Measurements or None
        None where the times and fluxes of the file are no lists.

    Raises
    ------
    DataError
        When it has several rows, or lists of different lengths.
    """
    import pyarrow as pa  # noqa: PLC0415  # slow, and most files are no Parquet

    schema = file.schema_arrow
    listed = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)

    def is_list(place: int) -> bool:
        return any(is_it(schema.field(place).type) for is_it in listed)

    if not any(is_list(place) for place in range(len(schema.names))):
        return None
    names = list(schema.names)
    roles = roles_of(names)
    if not (is_list(roles[Role.TIME]) and is_list(roles[Role.FLUX])):
        return None
    if file.metadata.num_rows != 1:
        raise DataError(
            f"The Parquet file has {file.metadata.num_rows:,} light curves, one in each row: send"
            " one of them."
        )
    # A damaged claim ends the process where a column's is asked for, but is an error while rows are
    # counted, for which no more than a batch is held.
    file.scan_contents(batch_size=_AT_ONCE)
    group = file.metadata.row_group(0)
    if max(group.column(n).num_values for n in range(group.num_columns)) > CURVE_LIMITS.max_points:
        raise DataError(
            f"The Parquet file has more than the {CURVE_LIMITS.max_points:,} points that a light"
            " curve may have."
        )
    wanted = {role: names[place] for role, place in roles.items()}
    table = file.read(columns=list(wanted.values()), use_threads=False)
    columns = {role: table.column(name)[0].as_py() for role, name in wanted.items()}
    points = len(columns[Role.TIME] or [])
    arrays = {
        role: np.asarray(cells if isinstance(cells, list) else [cells] * points)
        for role, cells in columns.items()
    }
    return _measurements(arrays, wanted)


def _measurements(arrays: Mapping[Role, NDArray[Any]], names: Mapping[Role, str]) -> Measurements:
    lengths = {names[role]: array.size for role, array in arrays.items()}
    points = arrays[Role.TIME].size
    single = {role for role, array in arrays.items() if array.size == 1 and points > 1}
    if len({arrays[role].size for role in arrays if role not in single}) > 1:
        said = ", ".join(f"{name} {size:,}" for name, size in lengths.items())
        raise DataError(f"The arrays of the light curve have different lengths: {said}.")
    frame = pd.DataFrame(
        {role.value: pd.Series(np.resize(array, points).copy()) for role, array in arrays.items()}
    )
    return Measurements(
        frame=frame,
        headings={role: Heading(name=name) for role, name in names.items()},
        facts=Facts(),
    )

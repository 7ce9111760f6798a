"""Uploads drawn from the archive's real tables: a few hundred rows, split by host star."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

TRAINING_ROWS = 400
TESTING_ROWS = 80
STARS = {"kepler": 500, "k2": 500, "tess": 600}
"""How many stars a small archive has: some of each label, and enough to train and test on."""


@dataclass(frozen=True, kw_only=True)
class Archived:
    """Where a mission's table is and how its columns are called."""

    pattern: str
    name: str
    host: str
    label: str
    prefix: str = ""
    """What stands before the name column's value in an object's name."""


ARCHIVED = {
    "kepler": Archived(
        pattern="koi_cumulative_2025*_default49.csv",
        name="kepoi_name",
        host="kepid",
        label="koi_disposition",
    ),
    "k2": Archived(pattern="k2pandc_*.csv", name="pl_name", host="hostname", label="disposition"),
    "tess": Archived(
        pattern="toi_*.csv", name="toi", host="tid", label="tfopwg_disp", prefix="TOI "
    ),
}


@cache
def whole(folder: Path, mission: str) -> pd.DataFrame:
    """Return a mission's table as text, exactly as the archive writes each cell."""
    (path,) = folder.glob(ARCHIVED[mission].pattern)
    table = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)
    return table[table["default_flag"] == "1"] if mission == "k2" else table


def write_some(folder: Path, to: Path) -> None:
    """Write a small archive: the same files, and in each of them all the rows of some stars."""
    for mission, facts in ARCHIVED.items():
        (path,) = folder.glob(facts.pattern)
        table = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)
        hosts = table[facts.host]
        stars = hosts.drop_duplicates().sample(STARS[mission], random_state=11)
        content = as_csv(table[hosts.isin(stars)], header=header(folder, mission))
        (to / path.name).write_bytes(content)


@cache
def header(folder: Path, mission: str) -> bytes:
    """Return the comment lines with which the archive begins its file."""
    (path,) = folder.glob(ARCHIVED[mission].pattern)
    with path.open("rb") as file:
        return b"".join(line for line in file if line.startswith(b"#"))


@cache
def object_names(folder: Path, mission: str) -> frozenset[str]:
    """Return the name of every object in the mission's table."""
    facts = ARCHIVED[mission]
    return frozenset(facts.prefix + whole(folder, mission)[facts.name])


@cache
def drawn(folder: Path, mission: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to train on and rows to predict, with no host star in both."""
    table = whole(folder, mission)
    host = table[ARCHIVED[mission].host]
    stars = host.drop_duplicates().sample(frac=1, random_state=7)
    place = host.map(dict(zip(stars, range(len(stars)), strict=True)))
    shuffled = table.loc[place.sort_values(kind="stable").index]
    order = place.sort_values(kind="stable")
    # The star at the border keeps all its rows on one side.
    border = order.iloc[TRAINING_ROWS]
    training = shuffled[order < border]
    testing = shuffled[order >= border].iloc[:TESTING_ROWS]
    return training, testing


def as_csv(table: pd.DataFrame, *, header: bytes = b"") -> bytes:
    """Return a table as the bytes of a CSV file."""
    return header + table.to_csv(index=False).encode()


def as_xlsx(table: pd.DataFrame) -> bytes:
    """Return a table as the bytes of a workbook, numbers as numbers."""
    buffer = io.BytesIO()
    typed = pd.read_csv(io.BytesIO(as_csv(table)), keep_default_na=False, na_values=[""])
    typed.to_excel(buffer, index=False)
    return buffer.getvalue()

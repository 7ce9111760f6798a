"""The missions' tables: what their columns mean, and how one is read, checked and obtained."""

from __future__ import annotations

from mlcore.datasets.checking import read_table, table_from
from mlcore.datasets.missions import DATASETS, register, unregister
from mlcore.datasets.missions.k2 import K2
from mlcore.datasets.missions.kepler import KEPLER
from mlcore.datasets.missions.tess import TESS
from mlcore.datasets.readers.read import NotATableError
from mlcore.datasets.sources import Obtained, SourceKind, UnavailableError, obtain
from mlcore.datasets.spec import CLASSES, Column, Dataset, Disposition, Role, Scale
from mlcore.datasets.table import Table

__all__ = [
    "CLASSES",
    "DATASETS",
    "K2",
    "KEPLER",
    "TESS",
    "Column",
    "Dataset",
    "Disposition",
    "NotATableError",
    "Obtained",
    "Role",
    "Scale",
    "SourceKind",
    "Table",
    "UnavailableError",
    "obtain",
    "read_table",
    "register",
    "table_from",
    "unregister",
]

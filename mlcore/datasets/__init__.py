"""The missions' tables: what their columns mean, and how one is read, checked and obtained."""

from __future__ import annotations

from mlcore.datasets.checking import read_table, table_from
from mlcore.datasets.missions import DATASETS, of_candidates, register, unregister
from mlcore.datasets.missions.k2 import K2
from mlcore.datasets.missions.kepler import KEPLER
from mlcore.datasets.missions.kepler_tce import KEPLER_TCE
from mlcore.datasets.missions.tess import TESS
from mlcore.datasets.readers.read import NotATableError
from mlcore.datasets.sources import Obtained, SourceKind, UnavailableError, obtain
from mlcore.datasets.spec import CLASSES, Column, Dataset, Disposition, Kind, Role, Scale
from mlcore.datasets.table import Table

__all__ = [
    "CLASSES",
    "DATASETS",
    "K2",
    "KEPLER",
    "KEPLER_TCE",
    "TESS",
    "Column",
    "Dataset",
    "Disposition",
    "Kind",
    "NotATableError",
    "Obtained",
    "Role",
    "Scale",
    "SourceKind",
    "Table",
    "UnavailableError",
    "obtain",
    "of_candidates",
    "read_table",
    "register",
    "table_from",
    "unregister",
]

"""The missions, a file each: everything that is known of one stands there.

A mission is added by its file and a line below. Whoever needs the missions reads `DATASETS` when
the need arises and copies nothing of it beforehand, so that one registered later counts at once.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.missions.k2 import K2
from mlcore.datasets.missions.kepler import KEPLER
from mlcore.datasets.missions.kepler_tce import KEPLER_TCE
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.tess import TESS
from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.spec import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets.object_names import ObjectName
    from mlcore.datasets.spec import Dataset

__all__ = ["DATASETS", "mission_of", "of_candidates", "register", "unregister"]

_registered: dict[str, Dataset] = {}

DATASETS: Mapping[str, Dataset] = MappingProxyType(_registered)
"""The missions' tables by name, in the order in which they are shown: that with the most objects
that are decided first, and tables of events last.

Examples
--------
>>> import mlcore
>>> list(mlcore.DATASETS)[:2]
['kepler', 'k2']
>>> mlcore.DATASETS["kepler"].column("koi_depth").unit
'ppm'
"""


def of_candidates() -> dict[str, Dataset]:
    """Return the tables of objects of interest by name: what missions have in common.

    They share features, a joint model and the tests from mission to mission, and are all that the
    old contract knows.
    """
    return {name: data for name, data in DATASETS.items() if data.kind is Kind.CANDIDATES}


def register(dataset: Dataset) -> None:
    """Make a mission known to everything, for as long as this process lives.

    Raises
    ------
    ValueError
        When there is a mission of this name, or it measures a quantity that is not declared.
    """
    if dataset.name in _registered:
        raise ValueError(f"there is a mission {dataset.name} already")
    if unknown := sorted(dataset.quantities.keys() - QUANTITIES.keys()):
        msg = f"{dataset.name} measures {', '.join(unknown)}, of which nothing is declared"
        raise ValueError(msg)
    _registered[dataset.name] = dataset


def unregister(name: str) -> None:
    """Forget a mission that was registered.

    Raises
    ------
    KeyError
        When there is none of this name.
    """
    del _registered[name]


def mission_of(name: ObjectName) -> Dataset | None:
    """Return the mission whose stars or objects a name's catalogue numbers.

    Examples
    --------
    >>> from mlcore.datasets.object_names import parse_name
    >>> mission_of(parse_name("TIC 50365310")).name
    'tess'
    """
    found = (dataset for dataset in _registered.values() if name.catalogue in dataset.catalogues)
    return next(found, None)


register(KEPLER)
register(K2)
register(TESS)
register(KEPLER_TCE)
register(LIGHT_CURVES)

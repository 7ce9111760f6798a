"""Names of objects and stars in the one spelling of all, for finding them however they are spelled.

Names of catalogues are parsed; what no catalogue numbers, such as the name of a bright star, is
compared without its case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.object_names import parse_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["keys_of", "object_key", "other_key", "other_keys_of", "star_key"]


def object_key(name: str, dataset: Dataset) -> str:
    """Return an object's name in the one spelling of all.

    Examples
    --------
    >>> import mlcore
    >>> {object_key(name, mlcore.DATASETS["kepler"]) for name in ("koi-755.01", "K00755.01")}
    {'K00755.01'}
    """
    return _key(name, dataset.object_name[0], dataset)


def star_key(name: str, dataset: Dataset) -> str:
    """Return a star's name in the one spelling of all.

    Examples
    --------
    >>> import mlcore
    >>> star_key("kic 011754553", mlcore.DATASETS["kepler"])
    'KIC 11754553'
    """
    return _key(name, dataset.host, dataset)


def other_key(name: str, column: Column) -> tuple[str, str, str]:
    """Return an object's other name as it is shown, in the one spelling of all, and its star's.

    Parameters
    ----------
    name
        In any usual spelling.
    column
        One of `mlcore.datasets.spec.Dataset.other_names`.

    Returns
    -------
    shown, key, star_key : str
        The last is `key` where the name is a star's, and empty where it does not tell.

    Examples
    --------
    >>> import mlcore
    >>> (column,) = mlcore.DATASETS["kepler"].other_names
    >>> other_key("kepler 227b", column)
    ('Kepler-227 b', 'Kepler-227 b', 'Kepler-227')
    """
    shown = " ".join(name.split())
    parsed = parse_name(shown, column.catalogue)
    if parsed is None:
        key = shown.casefold()
        return shown, key, key if column.of_star else ""
    return str(parsed), str(parsed), str(parsed.star)


def other_keys_of(name: str, dataset: Dataset) -> set[str]:
    """Return all that may be meant by a name among a mission's other names."""
    return {
        other_key(spelled, column)[1]
        for spelled in _spellings(name)
        for column in dataset.other_names
    }


def keys_of(name: str, datasets: Sequence[Dataset]) -> set[str]:
    """Return everything that may be meant by a name.

    A number alone may be an object's or a star's, and a capital at the end a planet's letter.
    """
    return {
        key(spelled, dataset)
        for spelled in _spellings(name)
        for dataset in datasets
        for key in (object_key, star_key)
    }


def _spellings(name: str) -> set[str]:
    return {name, name.strip()[:-1] + name.strip()[-1:].lower()}


def _key(name: str, column: str, dataset: Dataset) -> str:
    parsed = parse_name(name, dataset.column(column).catalogue)
    return " ".join(name.split()).casefold() if parsed is None else str(parsed)

"""Splits by host star.

A star with several candidates is never divided: what a model learns of a star from one candidate
would otherwise be rewarded when it meets the next one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.levels import TEST_FRACTION

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["split_by_star"]


def split_by_star(
    hosts: pd.Series[str],
    labels: pd.Series[str],
    *,
    test_fraction: float = TEST_FRACTION,
    salt: str = "",
) -> NDArray[np.bool_]:
    """Divide rows into training and test rows by host star, stratified by label.

    Stars are sorted into kinds by the labels of their rows (the set of labels, and whether there
    is more than one row), each kind is put in the order of a hash of the star's name, and the
    first `test_fraction` of it is the test part. The hash knows nothing of the table, so a star
    keeps its side when a newer snapshot of the same catalogue changes other stars: a model that
    was trained on an older snapshot has hardly seen a newer one's test stars.

    Parameters
    ----------
    hosts
        Name of each row's host star, shape ``(n,)``, none missing.
    labels
        Label of each row, shape ``(n,)``; missing ones count as a label of their own.
    test_fraction
        Share of each kind of star that goes to the test rows, in (0, 1).
    salt
        Text that is hashed with the names: another salt gives another division.

    Returns
    -------
    ndarray of bool, shape ``(n,)``
        True for a test row.
    """
    star_of_row, stars = pd.factorize(hosts.to_numpy(), sort=True)
    label_of_row, words = pd.factorize(labels.fillna("").to_numpy(), sort=True)
    # A row for each star: which labels its rows have, and whether there is more than one row.
    kinds = np.zeros((len(stars), len(words) + 1), dtype=bool)
    kinds[star_of_row, label_of_row] = True
    kinds[:, -1] = np.bincount(star_of_row, minlength=len(stars)) > 1
    kind = np.unique(kinds, axis=0, return_inverse=True)[1].reshape(-1)
    place = pd.Series([_place(str(star), salt) for star in stars], dtype=np.float64)
    rank = place.groupby(kind).rank(method="first").to_numpy()
    # Rounding up from the middle keeps the share right on average over many small kinds.
    tested = rank <= np.floor(np.bincount(kind)[kind] * test_fraction + 0.5)
    return np.asarray(tested[star_of_row], dtype=bool)


def _place(host: str, salt: str) -> float:
    digest = hashlib.sha256(f"{salt}\n{host}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64

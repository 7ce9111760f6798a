"""Splits by host star.

A star with several candidates is never divided: what a model learns of a star from one candidate
would otherwise be rewarded when it meets the next one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TEST_FRACTION", "split_by_star"]

TEST_FRACTION = 0.2
"""Share of the stars, within each kind of star, whose rows are the test rows."""


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
    rows = pd.DataFrame({"host": hosts.to_numpy(), "label": labels.fillna("").to_numpy()})
    stars = rows.groupby("host")["label"].agg(
        kind=lambda words: f"{'+'.join(sorted(set(words)))}/{'many' if len(words) > 1 else 'one'}"
    )
    stars["place"] = [_place(str(host), salt) for host in stars.index]
    rank = stars.groupby("kind")["place"].rank(method="first")
    size = stars.groupby("kind")["place"].transform("size")
    # Rounding up from the middle keeps the share right on average over many small kinds.
    tested = rank <= np.floor(size * test_fraction + 0.5)
    return rows["host"].map(tested).to_numpy(dtype=bool)


def _place(host: str, salt: str) -> float:
    digest = hashlib.sha256(f"{salt}\n{host}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64

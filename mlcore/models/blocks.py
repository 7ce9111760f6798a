"""Rows in blocks of one size, so that a row's numbers do not depend on the rows beside it.

A matrix product of many rows adds in another order than that of one row: libraries choose their way
by the shape. With blocks of one shape, the last one filled up, a row has the same bits in every
table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.models.spec import Explainer

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.models.classifier import Classifier

__all__ = ["in_blocks", "steady_probabilities"]

_ROWS = 256
"""More than enough for a library's usual way, and a multiple of what it takes at once."""


def in_blocks(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    X: NDArray[np.float64],
    *,
    rows: int = _ROWS,
) -> NDArray[np.float64]:
    """Return what a function makes of rows, asked for a block at a time.

    Parameters
    ----------
    function
        From rows, shape ``(m, p)``, to values of each, shape ``(m, ...)``.
    X
        Rows, shape ``(n, p)``; at least one.
    rows
        How many are asked for at once: a multiple of 16.
    """
    whole = np.ascontiguousarray(X)
    parts = []
    for begin in range(0, len(whole), rows):
        block = whole[begin : begin + rows]
        count = len(block)
        if count < rows:
            # Laid out in memory as any other.
            filled = np.empty((rows, *block.shape[1:]))
            filled[:count], filled[count:] = block, block[0]
            block = filled
        parts.append(function(block)[:count])
    return np.concatenate(parts)


def steady_probabilities(classifier: Classifier, features: pd.DataFrame) -> NDArray[np.float64]:
    """Return `Classifier.predict_proba`, the same bits for a row in whichever table it stands.

    Parameters
    ----------
    classifier
        The fitted model.
    features
        Rows in the columns' declared units; at least one.
    """
    if classifier.model_type.explainer is Explainer.TREES:
        # Trees add a row's leaves one after the other.
        return classifier.predict_proba(features)
    return classifier.predict_proba(features, ask=in_blocks)

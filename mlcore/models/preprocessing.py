"""What stands between a table's columns and an estimator that minds scales or missing values.

Every step maps a column to a column, so a contribution of a prepared column is the contribution of
the column that it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["LogScale"]


class LogScale(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replace columns that span decades by the decimal logarithm of their size.

    Zero has no logarithm and becomes missing. The sign is dropped: the only negative quantities
    among the columns that are declared logarithmic are lower uncertainties, which the archive
    writes with a minus sign.

    Parameters
    ----------
    columns
        Positions of the columns to transform.
    """

    def __init__(self, columns: Sequence[int] = ()) -> None:
        self.columns = columns

    def fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Remember the number of columns."""
        validate_data(self, X, ensure_all_finite="allow-nan", dtype=np.float64)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return a copy of `X`, shape ``(n, p)``, with the logarithms in place."""
        check_is_fitted(self)
        scaled: NDArray[np.float64] = validate_data(
            self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64, copy=True
        )
        columns = list(self.columns)
        if columns:
            size = np.abs(scaled[:, columns])
            size[size == 0] = np.nan
            scaled[:, columns] = np.log10(size)
        return scaled

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

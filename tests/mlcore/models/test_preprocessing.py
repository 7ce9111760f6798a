from __future__ import annotations

import numpy as np
import pytest

from mlcore.models.preprocessing import LogScale

ROWS = np.array([[1000.0, -5.0, 7.0], [0.01, 0.0, np.nan], [np.nan, -0.1, 0.0]])


def test_the_named_columns_become_decimal_logarithms_of_their_size() -> None:
    scaled = LogScale([0, 1]).fit_transform(ROWS)
    expected = [[3.0, np.log10(5.0), 7.0], [-2.0, np.nan, np.nan], [np.nan, -1.0, 0.0]]
    # A processor's own logarithm may miss by some last bits.
    np.testing.assert_allclose(scaled, expected, rtol=1e-14)


def test_zero_has_no_logarithm_and_becomes_missing() -> None:
    assert np.isnan(LogScale([0]).fit_transform(np.array([[0.0], [-0.0]]))).all()


def test_without_columns_nothing_changes() -> None:
    np.testing.assert_array_equal(LogScale().fit_transform(ROWS), ROWS)


def test_the_given_rows_stay_as_they_are() -> None:
    before = ROWS.copy()
    LogScale([0, 1, 2]).fit(ROWS).transform(ROWS)
    np.testing.assert_array_equal(ROWS, before)


def test_rows_with_another_number_of_columns_are_refused() -> None:
    fitted = LogScale([0]).fit(ROWS)
    with pytest.raises(ValueError, match="2 features"):
        fitted.transform(ROWS[:, :2])


def test_it_does_not_work_before_it_is_fitted() -> None:
    with pytest.raises(ValueError, match="not fitted"):
        LogScale([0]).transform(ROWS)

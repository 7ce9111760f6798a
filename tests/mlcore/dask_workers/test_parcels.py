"""What is big in calls travels once, and each call has it to itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.dask_workers.parcels import packed, unpacked
from mlcore.progress import silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.progress import ProgressCallback

BIG = np.asfortranarray(np.arange(40_000.0).reshape(2000, 20))


def _scaled(
    matrix: NDArray[np.float64], frame: pd.DataFrame, by: float, _report: ProgressCallback
) -> tuple[float, bool, float]:
    matrix *= by
    return float(matrix.sum()), matrix.flags.f_contiguous, float(frame.to_numpy().sum())


def test_what_calls_share_is_packed_once_and_nothing_big_is_left_in_a_call() -> None:
    frame = pd.DataFrame(BIG)
    names = tuple(f"star {number}" for number in range(6000))
    calls = [partial(_scaled, BIG, frame, float(place)) for place in range(5)]
    parcels, parts = packed([*calls, lambda _report: (names, len(frame))])
    assert len(parts) == 3
    assert all(len(parcel.payload) < 5000 for parcel in parcels)
    assert [len(parcel.parts) for parcel in parcels] == [2, 2, 2, 2, 2, 2]
    last = unpacked(parcels[-1].payload, parts)
    assert last(silent) == (names, 2000)


def test_a_call_that_changes_what_it_is_given_changes_it_for_nobody_else() -> None:
    frame = pd.DataFrame({"depth": np.ones(10_000)})
    parcels, parts = packed([partial(_scaled, BIG, frame, 2.0)] * 2)
    expected = (2 * BIG.sum(), True, 10_000.0)
    for parcel in parcels:
        assert unpacked(parcel.payload, parts)(silent) == expected
    assert BIG[0, 1] == 1.0

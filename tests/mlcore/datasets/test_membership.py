from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.datasets.membership import are_among


def test_words_are_found_among_others_as_pandas_finds_them_but_a_missing_one_never_is() -> None:
    words = pd.Series(["KIC 1", "KIC 2", None, "", "kic 1"], dtype="str")
    known = pd.Series(["KIC 1", "", None, "KIC 1"], dtype="str")
    assert are_among(words, known).tolist() == [True, False, False, True, False]
    np.testing.assert_array_equal(are_among(words, known), words.isin(known.dropna()))
    assert are_among(words, {"KIC 2"}).tolist() == [False, True, False, False, False]
    assert not are_among(words, []).any()

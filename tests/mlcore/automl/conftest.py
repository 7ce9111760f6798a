"""Made-up rows to search on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mlcore.hand_made import rows

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="session")
def features() -> pd.DataFrame:
    return rows(240)

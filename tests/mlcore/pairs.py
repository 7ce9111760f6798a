"""Every model on every mission: each of them one way or another in `make test`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.datasets import of_candidates
from tests.mlcore.hand_made import FITTED_MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable

ON_ALL_MISSIONS = {"linear_regression", "xgboost"}
"""Which are trained on every mission; the others, but on Kepler, are long."""


def pairs_of(model_types: Iterable[str]) -> pytest.MarkDecorator:
    """Return what parametrises a test with model types and missions."""
    return pytest.mark.parametrize(
        ("model_type", "mission"),
        [
            pytest.param(
                model_type,
                mission,
                marks=()
                if mission == "kepler" or model_type in ON_ALL_MISSIONS
                else pytest.mark.long,
            )
            for mission in of_candidates()
            for model_type in model_types
        ],
    )


EVERY_PAIR = pairs_of(FITTED_MODELS)

"""The missions and tasks on which a promise is held against real stars that nobody saw."""

from __future__ import annotations

from itertools import product

import pytest

from mlcore.tasks import DISPOSITION, TASKS, VETTING

# What a large table shows by many seconds, K2's and the vetting of Kepler show by few.
_LONG = {("kepler", DISPOSITION.name), ("tess", DISPOSITION.name), ("tess", VETTING.name)}

ON_REAL_STARS = pytest.mark.parametrize(
    ("mission", "task"),
    [
        pytest.param(
            mission,
            task,
            id=f"{mission}-{task.name}",
            marks=[pytest.mark.long] if (mission, task.name) in _LONG else [],
        )
        for mission, task in product(("kepler", "k2", "tess"), TASKS.values())
    ],
)

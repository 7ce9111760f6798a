"""The missions and tasks on which a promise is held against real stars that nobody saw."""

from __future__ import annotations

from itertools import product

import pytest

from mlcore.tasks import DISPOSITION, TASKS

# Three classes of a large table show by many seconds what K2's show by few.
_LONG = {("kepler", DISPOSITION.name), ("tess", DISPOSITION.name)}

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

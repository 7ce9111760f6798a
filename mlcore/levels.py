"""The shares that were chosen once for the whole project, and the words for them.

Of their own file, which loads nothing: pages and settings state them and compute nothing.
"""

from __future__ import annotations

from mlcore.in_words import level

__all__ = [
    "COVERAGE",
    "EXPLAINED_VARIANCE",
    "INTERVAL",
    "INTERVAL_LEVEL",
    "PERCENTILES",
    "TEST_FRACTION",
]

TEST_FRACTION = 0.2
"""Share of the stars, within each kind of star, whose rows are the test rows."""

INTERVAL_LEVEL = 0.95
"""Share of the resampled figures that a figure's interval holds."""

INTERVAL = f"{level(INTERVAL_LEVEL)} interval"
"""What the bounds of a figure are, as a heading says it."""

COVERAGE = 0.95
"""Share of each class whose conformal set holds it, unless one says otherwise.

A model that is right more often than this would be left with empty sets where it is merely least
sure."""

PERCENTILES = (5, 95)
"""Between which of an object's probabilities under the catalogue's errors its interval lies."""

EXPLAINED_VARIANCE = 0.95
"""Share of the variance that as many principal components explain as are kept by default."""

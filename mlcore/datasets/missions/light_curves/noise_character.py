"""What the noise out of transit is like: skewed, heavy-tailed, correlated."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["NOISE"]

NOISE = VettingTest(
    name="noise",
    title="Noise",
    question="What is the noise out of transit like?",
    formula="Moments of the deviations out of transit, in standard deviations",
    columns=(
        columns.number(name="log_scatter", meaning="Logarithm of the scatter of a point"),
        columns.number(name="noise_skewness", meaning="Skewness of the noise"),
        columns.number(name="noise_kurtosis", meaning="Fourth moment of the noise"),
        columns.number(name="noise_correlation", meaning="Correlation of neighbouring points"),
    ),
)

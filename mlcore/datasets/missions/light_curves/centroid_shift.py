"""Whether the light that dims is the star's own."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["CENTROID"]

CENTROID = VettingTest(
    name="centroid",
    title="Centroid",
    question="Is the light that dims the star's own?",
    formula="Shift of the centre of light in transit, less three errors, over the depth",
    columns=(
        # No features: most curves have no centroids, which says who made them.
        columns.bookkeeping(
            name="centroid_shift",
            unit="pixel",
            meaning="Shift of the centre of light in transit",
        ),
        columns.bookkeeping(
            name="centroid_strength", meaning="Shift of the centre of light in its errors"
        ),
        columns.bookkeeping(
            name="centroid_distance",
            unit="pixel",
            meaning="Distance of what dims from the centre of light",
        ),
        columns.bookkeeping(
            name="centroid_least_distance",
            unit="pixel",
            meaning="Distance of what dims from the centre of light, at least",
        ),
    ),
    sources=(papers.CENTROIDS,),
    decides="centroid_least_distance",
    most=1.0,
    passed="What dims may be the star itself: it is {value} pixels from the centre of light at"
    " least.",
    failed="What dims is {value} pixels from the centre of light at least: another star in the"
    " aperture.",
    needs="two transits with the position of the light on the detector",
)

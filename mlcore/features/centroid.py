"""How significantly the source of the transits is off the star."""

from __future__ import annotations

from functools import partial

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Arrays, Feature, Idea

__all__ = ["CENTROID"]

_SOFTENING = 0.0667
"""Systematic error of a difference image's offset [arcsec], added to the measured one."""
_AXES = ("ra", "dec")


def _compute(rows: Arrays, _around: Arrays) -> Arrays:
    significance = {
        name: rows[f"{name}_offset"] / np.hypot(rows[f"{name}_offset_error"], _SOFTENING)
        for name in ("image", "catalogue")
    }
    for name in ("centroid", "shift"):
        significance[name] = np.hypot(
            *(rows[f"{name}_{axis}_offset"] / rows[f"{name}_{axis}_offset_error"] for axis in _AXES)
        )
    return {
        **{f"{name}_offset_significance": value for name, value in significance.items()},
        "centroid_offset_length": np.hypot(rows["centroid_ra_offset"], rows["centroid_dec_offset"]),
        # The difference image's own reference star against the catalogue's place of the target.
        "star_offset": np.hypot(
            *(rows[f"catalogue_{axis}_offset"] - rows[f"image_{axis}_offset"] for axis in _AXES)
        ),
    }


_feature = partial(
    Feature,
    scale=Scale.LOG,
    group="place of the transit source",
    source="Bryson et al. 2013, PASP 125, 889",
)

CENTROID = Idea(
    features=(
        *(
            _feature(
                name=f"{name}_offset_significance",
                meaning=f"Significance of the source's offset from the {reference}",
                needs=(f"{name}_offset", f"{name}_offset_error"),
            )
            for name, reference in (("image", "star out of transit"), ("catalogue", "catalogue"))
        ),
        *(
            _feature(
                name=f"{name}_offset_significance",
                meaning=f"Significance of the {measured}",
                needs=tuple(
                    f"{name}_{axis}_offset{error}" for error in ("", "_error") for axis in _AXES
                ),
            )
            for name, measured in (
                ("centroid", "source's flux-weighted offset"),
                ("shift", "centroid's shift in transit"),
            )
        ),
        _feature(
            name="centroid_offset_length",
            unit="arcsec",
            meaning="Flux-weighted offset of the source",
            needs=("centroid_ra_offset", "centroid_dec_offset"),
        ),
        _feature(
            name="star_offset",
            unit="arcsec",
            meaning="Offset of the star out of transit from the catalogue",
            needs=tuple(
                f"{name}_{axis}_offset" for name in ("image", "catalogue") for axis in _AXES
            ),
        ),
    ),
    compute=_compute,
)

"""How significantly the source of the transits is off the star."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Feature, Idea

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["CENTROID"]

_SOFTENING = 0.0667
"""Systematic error of a difference image's offset [arcsec], added to the measured one."""


def _compute(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    values: dict[str, NDArray[np.float64]] = {
        f"{name}_offset_significance": (
            rows[f"{name}_offset"] / np.hypot(rows[f"{name}_offset_error"], _SOFTENING)
        ).to_numpy()
        for name in ("image", "catalogue")
    }
    for name in ("centroid", "shift"):
        values[f"{name}_offset_significance"] = np.hypot(
            *(
                (rows[f"{name}_{axis}_offset"] / rows[f"{name}_{axis}_offset_error"]).to_numpy()
                for axis in ("ra", "dec")
            )
        )
    values["centroid_offset_length"] = np.hypot(
        rows["centroid_ra_offset"].to_numpy(), rows["centroid_dec_offset"].to_numpy()
    )
    # The difference image's own reference star against the catalogue's place of the target.
    values["star_offset"] = np.hypot(
        *(
            (rows[f"catalogue_{axis}_offset"] - rows[f"image_{axis}_offset"]).to_numpy()
            for axis in ("ra", "dec")
        )
    )
    return {name: np.where(np.isfinite(value), value, np.nan) for name, value in values.items()}


_group = "place of the transit source"
_BRYSON = "Bryson et al. 2013, PASP 125, 889"


def _feature(name: str, meaning: str, needs: tuple[str, ...], unit: str = "") -> Feature:
    return Feature(
        name=name,
        unit=unit,
        meaning=meaning,
        scale=Scale.LOG,
        group=_group,
        source=_BRYSON,
        needs=needs,
    )


CENTROID = Idea(
    features=(
        _feature(
            "image_offset_significance",
            "Significance of the source's offset from the star out of transit",
            ("image_offset", "image_offset_error"),
        ),
        _feature(
            "catalogue_offset_significance",
            "Significance of the source's offset from the catalogue",
            ("catalogue_offset", "catalogue_offset_error"),
        ),
        _feature(
            "centroid_offset_significance",
            "Significance of the source's flux-weighted offset",
            (
                "centroid_ra_offset",
                "centroid_dec_offset",
                "centroid_ra_offset_error",
                "centroid_dec_offset_error",
            ),
        ),
        _feature(
            "shift_offset_significance",
            "Significance of the centroid's shift in transit",
            (
                "shift_ra_offset",
                "shift_dec_offset",
                "shift_ra_offset_error",
                "shift_dec_offset_error",
            ),
        ),
        _feature(
            "centroid_offset_length",
            "Flux-weighted offset of the source",
            ("centroid_ra_offset", "centroid_dec_offset"),
            "arcsec",
        ),
        _feature(
            "star_offset",
            "Offset of the star out of transit from the catalogue",
            (
                "image_ra_offset",
                "image_dec_offset",
                "catalogue_ra_offset",
                "catalogue_dec_offset",
            ),
            "arcsec",
        ),
    ),
    compute=_compute,
)

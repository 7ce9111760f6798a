"""How significantly the source of the transits is off the star."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.datasets.units import amount_in_words
from mlcore.features.observation import Leaning, Observation, Row, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import number

if TYPE_CHECKING:
    from mlcore.features.observation import Says

__all__ = ["CENTROID"]

_SOFTENING = 0.0667
"""Systematic error of a difference image's offset [arcsec], added to the measured one."""
_AXES = ("ra", "dec")


def _compute(rows: Arrays, _around: None) -> Arrays:
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


def _significance_of(name: str, words: str, off: str, on: str) -> Says:
    """Return what says an offset in units of its error."""

    def say(row: Row) -> Observation:
        size = row[f"{name}_offset_significance"]
        observed = f"{words} by {number(size, digits=2)} standard errors"
        if size > 3:
            return clause(observed, Leaning.FALSE_POSITIVE, off)
        return clause(observed, Leaning.PLANET, on)

    return say


_OFF, _ON = ": a neighbour may be the source", ": no sign of another source"


def _say_length(row: Row) -> Observation:
    offset = amount_in_words(row["centroid_offset_length"], "arcsec", digits=2)
    return clause(f"The flux-weighted transit source lies {offset} off the star")


def _say_star(row: Row) -> Observation:
    offset = amount_in_words(row["star_offset"], "arcsec", digits=2)
    return clause(f"Out of transit the star's image lies {offset} off its catalogued place")


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
                says=_significance_of(name, f"The transit source is off the {seen}", _OFF, _ON),
                needs=(f"{name}_offset", f"{name}_offset_error"),
            )
            for name, reference, seen in (
                ("image", "star out of transit", "star's image"),
                ("catalogue", "catalogue", "star's catalogued place"),
            )
        ),
        *(
            _feature(
                name=f"{name}_offset_significance",
                meaning=f"Significance of the {measured}",
                says=_significance_of(name, seen, _OFF, _ON),
                needs=tuple(
                    f"{name}_{axis}_offset{error}" for error in ("", "_error") for axis in _AXES
                ),
            )
            for name, measured, seen in (
                (
                    "centroid",
                    "source's flux-weighted offset",
                    "The flux-weighted transit source is off the star",
                ),
                (
                    "shift",
                    "centroid's shift in transit",
                    "The centre of the light shifts in transit",
                ),
            )
        ),
        _feature(
            name="centroid_offset_length",
            unit="arcsec",
            meaning="Flux-weighted offset of the source",
            says=_say_length,
            needs=("centroid_ra_offset", "centroid_dec_offset"),
        ),
        _feature(
            name="star_offset",
            unit="arcsec",
            meaning="Offset of the star out of transit from the catalogue",
            says=_say_star,
            needs=tuple(
                f"{name}_{axis}_offset" for name in ("image", "catalogue") for axis in _AXES
            ),
        ),
    ),
    compute=_compute,
)

"""How strong a signal is for its number of transits and its star's brightness."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.datasets.units import amount_in_words
from mlcore.features.converting import ELECTRONS, SPAN
from mlcore.features.observation import Leaning, Observation, Row, amount, clause, phrase, share
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import compared, number

if TYPE_CHECKING:
    from mlcore.features.observation import Says

__all__ = ["BRIGHTNESS", "SIGNAL", "WIDE_SIGNAL"]


def _signal(rows: Arrays, _around: None) -> Arrays:
    snr, depth, duration = rows["snr"], rows["depth"], rows["duration"]
    count = np.maximum(rows[SPAN] / rows["period"], 1.0)
    noise = depth * np.sqrt(count * duration) / snr
    shot = 1e6 / np.sqrt(rows[ELECTRONS])
    errors = {
        name: (np.abs(rows[f"{name}_upper"]) + np.abs(rows[f"{name}_lower"])) / 2
        for name in ("depth", "epoch", "duration", "period")
    }
    errors = {name: np.where(error > 0, error, np.nan) for name, error in errors.items()}
    days = duration / 24.0
    return {
        "snr_per_transit": snr / np.sqrt(count),
        "noise_in_an_hour": noise,
        "noise_over_photons": np.log10(noise / shot),
        "depth_error_over_snr": np.log10(errors["depth"] * snr / depth),
        "epoch_error_over_snr": np.log10(errors["epoch"] * snr / days),
        "duration_error_over_snr": np.log10(errors["duration"] * snr / duration),
        "period_error_over_snr": np.log10(errors["period"] * snr * count / days),
        "period_error_over_epoch_error": np.log10(errors["period"] * count / errors["epoch"]),
    }


def _brightness(rows: Arrays, _around: None) -> Arrays:
    noise = 1e6 / np.sqrt(rows[ELECTRONS])
    absolute = rows["magnitude"] - 5 * np.log10(rows["distance"] / 10)
    solar = (rows["stellar_temperature"] / 5772.0) ** 4 * rows["stellar_radius"] ** 2
    return {
        "absolute_magnitude": absolute,
        "luminosity_excess": absolute - 4.74 + 2.5 * np.log10(solar),
        "depth_over_photons": rows["depth"] / noise * np.sqrt(rows["duration"]),
    }


def _wide(rows: Arrays, _around: None) -> Arrays:
    multiple, transits = rows["multiple_event"], rows["transits"]
    return {
        "single_over_multiple": np.log10(rows["single_event"] * np.sqrt(transits) / multiple),
        "snr_over_multiple": np.log10(rows["snr"] / multiple),
        "transits_over_expected": transits / np.maximum(rows[SPAN] / rows["period"], 1.0),
        "multiple_per_transit": multiple / np.sqrt(transits),
        "reduced_chi_square": rows["chi_square"] / rows["freedom"],
    }


def _exactness(name: str, of: str, expected: str) -> Says:
    """Return what says how exactly the fit knows something beside what would be expected."""

    def say(row: Row) -> Observation:
        ratio = row.factor(name)
        beside = compared(ratio, "less exactly than", "more exactly than", "as exactly as")
        if not 0.5 <= ratio < 1.995:
            times, than = (ratio, "less") if ratio > 1 else (1 / ratio, "more")
            beside = f"{number(times, digits=2)} times {than} exactly than"
        return clause(f"The transit model fits the {of} {beside} {expected}")

    return say


_OF_STRENGTH = "a signal of this strength lets expect"


def _say_noise(row: Row) -> Observation:
    ratio = row.factor("noise_over_photons")
    beside = compared(ratio, "larger than", "smaller than", "as large as")
    return clause(
        f"Depth and signal-to-noise ratio imply a noise {beside} the photon noise of the star"
    )


def _say_excess(row: Row) -> Observation:
    ratio = 10.0 ** (-0.4 * row["luminosity_excess"])
    beside = compared(ratio, "brighter than", "fainter than", "as bright as")
    return clause(f"The star is {beside} its temperature and radius give")


def _say_depth_over_photons(row: Row) -> Observation:
    beside = compared(row["depth_over_photons"], "deeper than", "shallower than", "as deep as")
    return clause(f"The transit is {beside} the photon noise of the star")


def _say_single(row: Row) -> Observation:
    ratio = row.factor("single_over_multiple")
    beside = compared(ratio, "stronger than", "weaker than", "as strong as")
    words = f"The strongest transit is {beside} the average one"
    if ratio > 2:
        return clause(words, Leaning.FALSE_POSITIVE, ": one event makes most of the signal")
    return clause(words)


def _say_fit_strength(row: Row) -> Observation:
    ratio = row.factor("snr_over_multiple")
    beside = compared(ratio, "stronger than", "weaker than", "as strong as")
    return clause(f"The fitted signal is {beside} the one that was detected")


def _say_transits(row: Row) -> Observation:
    part = row["transits_over_expected"]
    if part > 0.95:
        return clause("Nearly all of the transits that its period gives were observed")
    return clause(f"Of the transits that its period gives {share(part)} were observed")


def _say_chi_square(row: Row) -> Observation:
    value = amount_in_words(row["reduced_chi_square"], "")
    return phrase(f"Transit fit with a reduced chi-square of {value}")


_strength = partial(Feature, group="signal to noise")
_ratio = partial(_strength, unit="dex")
_of_one_transit = partial(
    _strength,
    scale=Scale.LOG,
    source="signal to noise grows with the root of the number of transits",
)
_fit = partial(Feature, group="quality of the transit fit")
_uncertainty = partial(
    _fit,
    unit="dex",
    source="Carter et al. 2008, ApJ 689, 499, for a transit of this signal to noise",
)
_star = partial(Feature, unit="mag", group="stellar structure")

SIGNAL = Idea(
    features=(
        _of_one_transit(
            name="snr_per_transit",
            meaning="Signal-to-noise ratio of one transit",
            says=amount("snr_per_transit", "Signal-to-noise ratio of {} in a single transit"),
            needs=("snr", "period"),
            facts=("span",),
        ),
        _strength(
            name="noise_in_an_hour",
            unit="ppm",
            meaning="Noise in an hour that depth and signal-to-noise ratio imply",
            scale=Scale.LOG,
            source="Christiansen et al. 2012, PASP 124, 1279, turned around",
            says=amount("noise_in_an_hour", "Noise of {} within an hour", "ppm", digits=2),
            needs=("snr", "depth", "duration", "period"),
            facts=("span",),
        ),
        _ratio(
            name="noise_over_photons",
            meaning="Implied noise against the photon noise of the star",
            source="Poisson statistics",
            says=_say_noise,
            needs=("snr", "depth", "duration", "period", "magnitude"),
            facts=("span", "electrons"),
        ),
        *(
            _uncertainty(
                name=f"{name}_error_over_snr",
                meaning=f"{name.capitalize()} uncertainty against what the signal-to-noise ratio"
                " gives",
                needs=(scale, f"{name}_upper", f"{name}_lower", "snr"),
                says=_exactness(f"{name}_error_over_snr", name, _OF_STRENGTH),
            )
            for name, scale in (("depth", "depth"), ("epoch", "duration"), ("duration", "duration"))
        ),
        _uncertainty(
            name="period_error_over_snr",
            meaning="Period uncertainty against what the signal-to-noise ratio gives",
            says=_exactness("period_error_over_snr", "period", _OF_STRENGTH),
            needs=("period", "duration", "period_upper", "period_lower", "snr"),
            facts=("span",),
        ),
        _fit(
            name="period_error_over_epoch_error",
            unit="dex",
            meaning="Period uncertainty against the epoch uncertainty",
            source="a straight line fitted to transit times",
            says=_exactness(
                "period_error_over_epoch_error", "period", "the error of its epoch lets expect"
            ),
            needs=("period", "period_upper", "period_lower", "epoch_upper", "epoch_lower"),
            facts=("span",),
        ),
    ),
    compute=_signal,
)

BRIGHTNESS = Idea(
    features=(
        _star(
            name="absolute_magnitude",
            meaning="Absolute magnitude of the star",
            source="distance modulus, without extinction",
            says=amount("absolute_magnitude", "Stellar absolute magnitude of {}"),
            needs=("magnitude", "distance"),
        ),
        _star(
            name="luminosity_excess",
            meaning="Absolute magnitude against what temperature and radius give",
            source="Stefan-Boltzmann law with M_bol of 4.74 for the Sun, IAU 2015 resolution B2",
            says=_say_excess,
            needs=("magnitude", "distance", "stellar_temperature", "stellar_radius"),
        ),
        _strength(
            name="depth_over_photons",
            meaning="Transit depth against the photon noise of its duration",
            says=_say_depth_over_photons,
            scale=Scale.LOG,
            source="Poisson statistics",
            needs=("depth", "duration", "magnitude"),
            facts=("electrons",),
        ),
    ),
    compute=_brightness,
)

WIDE_SIGNAL = Idea(
    features=(
        _ratio(
            name="single_over_multiple",
            meaning="Strongest single event against the mean of all",
            source="Coughlin et al. 2016, ApJS 224, 12, section A.3",
            says=_say_single,
            needs=("single_event", "multiple_event", "transits"),
        ),
        _ratio(
            name="snr_over_multiple",
            meaning="Signal-to-noise ratio of the fit against that of the detection",
            source="Mullally et al. 2015, ApJS 217, 31",
            says=_say_fit_strength,
            needs=("snr", "multiple_event"),
        ),
        _strength(
            name="transits_over_expected",
            meaning="Observed number of transits against the expected one",
            source="span / period",
            says=_say_transits,
            needs=("transits", "period"),
            facts=("span",),
        ),
        _of_one_transit(
            name="multiple_per_transit",
            meaning="Detection statistic of one transit",
            says=amount("multiple_per_transit", "Detection strength of {} in a single transit"),
            needs=("multiple_event", "transits"),
        ),
        _fit(
            name="reduced_chi_square",
            meaning="Chi-square per degree of freedom of the transit fit",
            scale=Scale.LOG,
            source="chi-square / degrees of freedom",
            says=_say_chi_square,
            needs=("chi_square", "freedom"),
        ),
    ),
    compute=_wide,
)

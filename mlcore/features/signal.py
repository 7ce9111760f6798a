"""How strong a signal is for its number of transits and its star's brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.converting import ELECTRONS, SPAN
from mlcore.features.spec import Feature, Idea

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["BRIGHTNESS", "SIGNAL", "WIDE_SIGNAL"]


def _signal(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    snr = rows["snr"].to_numpy()
    depth = rows["depth"].to_numpy()
    duration = rows["duration"].to_numpy()
    count = np.maximum((rows[SPAN] / rows["period"]).to_numpy(), 1.0)
    noise = depth * np.sqrt(count * duration) / snr
    shot = 1e6 / np.sqrt(rows[ELECTRONS].to_numpy())
    errors = {
        name: (rows[f"{name}_upper"].abs() + rows[f"{name}_lower"].abs()).to_numpy() / 2
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


def _brightness(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    magnitude = rows["magnitude"].to_numpy()
    distance = rows["distance"].to_numpy()
    noise = 1e6 / np.sqrt(rows[ELECTRONS].to_numpy())
    duration = rows["duration"].to_numpy()
    single = rows["depth"].to_numpy() / noise * np.sqrt(duration)
    absolute = magnitude - 5 * np.log10(distance / 10)
    solar = (rows["stellar_temperature"].to_numpy() / 5772.0) ** 4 * rows[
        "stellar_radius"
    ].to_numpy() ** 2
    return {
        "absolute_magnitude": absolute,
        "luminosity_excess": absolute - 4.74 + 2.5 * np.log10(solar),
        "depth_over_photons": single,
    }


def _wide(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    single = rows["single_event"].to_numpy()
    multiple = rows["multiple_event"].to_numpy()
    transits = rows["transits"].to_numpy()
    expected = np.maximum((rows[SPAN] / rows["period"]).to_numpy(), 1.0)
    return {
        "single_over_multiple": np.log10(single * np.sqrt(transits) / multiple),
        "snr_over_multiple": np.log10(rows["snr"].to_numpy() / multiple),
        "transits_over_expected": transits / expected,
        "multiple_per_transit": multiple / np.sqrt(transits),
        "reduced_chi_square": (rows["chi_square"] / rows["freedom"]).to_numpy(),
    }


_strength = "signal to noise"
_fit = "quality of the transit fit"
_COVARIANCE = "Carter et al. 2008, ApJ 689, 499, for a transit of this signal to noise"

SIGNAL = Idea(
    features=(
        Feature(
            name="snr_per_transit",
            meaning="Signal-to-noise ratio of one transit",
            scale=Scale.LOG,
            group=_strength,
            source="signal to noise grows with the root of the number of transits",
            needs=("snr", "period"),
            facts=("span",),
        ),
        Feature(
            name="noise_in_an_hour",
            unit="ppm",
            meaning="Noise in an hour that depth and signal-to-noise ratio imply",
            scale=Scale.LOG,
            group=_strength,
            source="Christiansen et al. 2012, PASP 124, 1279, turned around",
            needs=("snr", "depth", "duration", "period"),
            facts=("span",),
        ),
        Feature(
            name="noise_over_photons",
            unit="dex",
            meaning="Implied noise against the photon noise of the star",
            group=_strength,
            source="Poisson statistics",
            needs=("snr", "depth", "duration", "period", "magnitude"),
            facts=("span", "electrons"),
        ),
        Feature(
            name="depth_error_over_snr",
            unit="dex",
            meaning="Depth uncertainty against what the signal-to-noise ratio gives",
            group=_fit,
            source=_COVARIANCE,
            needs=("depth", "depth_upper", "depth_lower", "snr"),
        ),
        Feature(
            name="epoch_error_over_snr",
            unit="dex",
            meaning="Epoch uncertainty against what the signal-to-noise ratio gives",
            group=_fit,
            source=_COVARIANCE,
            needs=("duration", "epoch_upper", "epoch_lower", "snr"),
        ),
        Feature(
            name="duration_error_over_snr",
            unit="dex",
            meaning="Duration uncertainty against what the signal-to-noise ratio gives",
            group=_fit,
            source=_COVARIANCE,
            needs=("duration", "duration_upper", "duration_lower", "snr"),
        ),
        Feature(
            name="period_error_over_snr",
            unit="dex",
            meaning="Period uncertainty against what the signal-to-noise ratio gives",
            group=_fit,
            source=_COVARIANCE,
            needs=("period", "duration", "period_upper", "period_lower", "snr"),
            facts=("span",),
        ),
        Feature(
            name="period_error_over_epoch_error",
            unit="dex",
            meaning="Period uncertainty against the epoch uncertainty",
            group=_fit,
            source="a straight line fitted to transit times",
            needs=("period", "period_upper", "period_lower", "epoch_upper", "epoch_lower"),
            facts=("span",),
        ),
    ),
    compute=_signal,
)

BRIGHTNESS = Idea(
    features=(
        Feature(
            name="absolute_magnitude",
            unit="mag",
            meaning="Absolute magnitude of the star",
            group="stellar structure",
            source="distance modulus, without extinction",
            needs=("magnitude", "distance"),
        ),
        Feature(
            name="luminosity_excess",
            unit="mag",
            meaning="Absolute magnitude against what temperature and radius give",
            group="stellar structure",
            source="Stefan-Boltzmann law with M_bol of 4.74 for the Sun, IAU 2015 resolution B2",
            needs=("magnitude", "distance", "stellar_temperature", "stellar_radius"),
        ),
        Feature(
            name="depth_over_photons",
            meaning="Transit depth against the photon noise of its duration",
            scale=Scale.LOG,
            group=_strength,
            source="Poisson statistics",
            needs=("depth", "duration", "magnitude"),
            facts=("electrons",),
        ),
    ),
    compute=_brightness,
)

WIDE_SIGNAL = Idea(
    features=(
        Feature(
            name="single_over_multiple",
            unit="dex",
            meaning="Strongest single event against the mean of all",
            group=_strength,
            source="Coughlin et al. 2016, ApJS 224, 12, section A.3",
            needs=("single_event", "multiple_event", "transits"),
        ),
        Feature(
            name="snr_over_multiple",
            unit="dex",
            meaning="Signal-to-noise ratio of the fit against that of the detection",
            group=_strength,
            source="Mullally et al. 2015, ApJS 217, 31",
            needs=("snr", "multiple_event"),
        ),
        Feature(
            name="transits_over_expected",
            meaning="Observed number of transits against the expected one",
            group=_strength,
            source="span / period",
            needs=("transits", "period"),
            facts=("span",),
        ),
        Feature(
            name="multiple_per_transit",
            meaning="Detection statistic of one transit",
            scale=Scale.LOG,
            group=_strength,
            source="signal to noise grows with the root of the number of transits",
            needs=("multiple_event", "transits"),
        ),
        Feature(
            name="reduced_chi_square",
            meaning="Chi-square per degree of freedom of the transit fit",
            scale=Scale.LOG,
            group=_fit,
            source="chi-square / degrees of freedom",
            needs=("chi_square", "freedom"),
        ),
    ),
    compute=_wide,
)

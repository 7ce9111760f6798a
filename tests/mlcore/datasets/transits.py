"""Tables of transits that physics agrees with, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd


def transits(count: int = 30, seed: int = 0) -> pd.DataFrame:
    """Return Kepler rows of planets of Sun-like stars, with the errors of good light curves."""
    random = np.random.default_rng(seed)
    period = 10 ** random.uniform(0.3, 2, count)
    star = random.uniform(0.8, 1.2, count)
    gravity = 4.438 - np.log10(star**2) + np.log10(star)
    radius = 10 ** random.uniform(0, 1, count)
    depth = 1e6 * (radius * 0.00917 / star) ** 2
    axis = 4.21 * np.cbrt(10 ** (gravity - 4.438) / star * period**2)
    temperature = random.uniform(5000, 6500, count)
    duration = 24 * period / np.pi / axis * random.uniform(0.7, 1, count)
    insolation = star**2 * (temperature / 5772) ** 4 / (axis * star / 215.03) ** 2
    rows = pd.DataFrame(
        {
            "kepid": [str(10_000_000 + number) for number in range(count)],
            "koi_period": period,
            "koi_period_err1": period * 1e-5,
            "koi_duration": duration,
            "koi_duration_err1": duration * 0.04,
            "koi_depth": depth,
            "koi_depth_err1": depth * 0.03,
            "koi_depth_err2": -depth * 0.03,
            "koi_prad": radius,
            "koi_prad_err1": radius * 0.1,
            "koi_teq": temperature / np.sqrt(2 * axis),
            "koi_insol": insolation,
            "koi_steff": temperature,
            "koi_slogg": gravity,
            "koi_srad": star,
            "koi_kepmag": random.uniform(10, 16, count),
        }
    )
    numbers = rows.columns[1:]
    # As many digits as a catalogue has.
    rows[numbers] = rows[numbers].map(lambda value: float(f"{value:.7g}"))
    return rows

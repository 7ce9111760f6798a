"""What a model sees of threshold-crossing events that somebody folded: shapes and four numbers.

Magnitude and epoch are left out: they say which stars were looked at, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from mlcore.benchmark.light_curves.view_shapes import close_shapes, orbit_shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["VIEWS", "shapes_of", "views_of", "with_components"]

VIEWS = ("global_view", "local_view", "secondary_view")
_DEPTH_SHIFT = 51882.875
"""Was subtracted from each depth in the file, rounded to 32 bits, so that relative depths
come in steps of `_DEPTH_STEP`."""
_DEPTH_STEP = 1 / 256
_LARGEST = 5.0
"""Depths beyond which a point of a view says no more."""
_OF_COMPONENTS = (-2.0, 1.5)
"""The same for the components, in which single points should not count."""
_COMPONENTS = 20
_SECTOR = 27.0
"""Days of a sector."""
_LEAST = 1e-3


def views_of(events: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return the views by name, shape ``(n, m)`` each; what is missing is 0, as out of transit."""
    return {
        name: np.clip(
            np.nan_to_num(np.stack(events[name].to_list()).astype(np.float64)), -_LARGEST, _LARGEST
        )
        for name in VIEWS
    }


def shapes_of(events: pd.DataFrame, views: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    """Return period, duration, depth, signal to noise and the shapes of the views.

    Parameters
    ----------
    events
        With period [d], duration [d], depth and signal-to-noise ratio ``snr``.
    views
        Of the same events; see `views_of`.

    Returns
    -------
    DataFrame, shape ``(n, p)``
        Finite, or NaN where a shape is not defined.
    """
    period = np.maximum(events["period"].to_numpy(dtype=np.float64), 0.05)
    duration = np.clip(events["duration"].to_numpy(dtype=np.float64), _LEAST, period / 2)
    depth = np.log10(
        np.maximum(events["depth"].to_numpy(dtype=np.float64) + _DEPTH_SHIFT, 0.0) + _DEPTH_STEP / 2
    )
    snr = np.log10(np.maximum(events["snr"].to_numpy(dtype=np.float64), 0.1))
    duty = duration / period
    transits = np.log10(_SECTOR / period)
    orbit, dip, second = (
        orbit_shapes(views["global_view"], duty),
        close_shapes(views["local_view"]),
        close_shapes(views["secondary_view"]),
    )
    ratio = np.clip(second["trapezoid_depth"] / np.maximum(dip["trapezoid_depth"], 0.05), -9, 9)
    columns = {
        "period": np.log10(period),
        "duration": np.log10(duration),
        "duty_cycle": duty,
        "duration_index": np.log10(duration / period ** (1 / 3)),
        "depth": depth,
        "snr": snr,
        "noise": depth - snr,
        "transits": transits,
        "snr_of_one": snr - np.maximum(transits, 0.0) / 2,
        **{f"orbit_{name}": values for name, values in orbit.items()},
        **{f"dip_{name}": values for name, values in dip.items()},
        **{f"second_{name}": values for name, values in second.items()},
        "orbit_radius": np.log10(
            np.maximum(period / np.pi / (dip["trapezoid_duration"] * duration), 0.1)
        ),
        "fitted_duration_index": np.log10(dip["trapezoid_duration"] * duration / period ** (1 / 3)),
        "second_ratio": ratio,
        "second_core_ratio": second["core"] / np.minimum(dip["core"], -0.05),
        "second_likeness": (views["local_view"] * views["secondary_view"]).mean(axis=1),
        "second_depth": depth + np.log10(np.maximum(-second["core"], _LEAST)),
        "fitted_depth": depth + np.log10(np.maximum(dip["trapezoid_depth"], 0.05)),
        "orbit_scatter": depth + np.log10(np.maximum(orbit["deviation"], _LEAST)),
        "orbit_scatter_snr": snr + np.log10(np.maximum(orbit["deviation"], _LEAST)),
        "dip_scatter_snr": snr + np.log10(np.maximum(dip["deviation"], _LEAST)),
        "orbit_over_dip_scatter": orbit["deviation"] / np.maximum(dip["deviation"], _LEAST),
    }
    return pd.DataFrame(columns).replace([np.inf, -np.inf], np.nan)


def with_components(
    shapes: pd.DataFrame, views: dict[str, NDArray[np.float64]], learnt: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the shapes with each view's principal components beside them.

    Parameters
    ----------
    shapes, views
        Of the same events.
    learnt
        From which events the components come, shape ``(n,)``.
    """
    parts = [shapes]
    for name, view in views.items():
        clipped = np.clip(view, *_OF_COMPONENTS)
        count = min(_COMPONENTS, int(learnt.sum()), view.shape[1])
        components = PCA(count, random_state=0).fit(clipped[learnt]).transform(clipped)
        titles = [f"{name}_component_{place + 1}" for place in range(count)]
        parts.append(pd.DataFrame(components, columns=titles, index=shapes.index))
    return pd.concat(parts, axis=1)

"""Transit by transit: whether each is there, as deep as the others, odd ones as even ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.vetting.means import NEARLY_NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_odd_even", "measure_transits"]

_FEWEST_FOR_TREND = 4


def measure_transits(candidate: Candidate) -> Mapping[str, float]:
    """Return how the transits compare with one another."""
    if not candidate.in_time:
        return {}
    transits, noise = candidate.transits, candidate.noise_factor
    depth, count = transits.depth, len(transits.depth)
    values: dict[str, float] = {"transits": float(count)}
    if count < 2:
        return values
    weight = 1 / transits.error**2
    total = weight.sum()
    mean = float((weight * depth).sum() / total) or NEARLY_NOTHING
    squares = float((weight * (depth - mean) ** 2).sum()) / (count - 1)
    strengths = depth / transits.error
    without = ((weight * depth).sum() - weight * depth) / np.sqrt(total - weight)
    multiple = mean * np.sqrt(total) / noise
    values |= {
        "depth_chi_square": squares / noise**2,
        "depth_spread": float(np.sqrt(max(0.0, squares - 1) / weight.mean())) / abs(mean),
        "largest_share": float((strengths**2).max() / ((strengths**2).sum() or NEARLY_NOTHING)),
        "median_over_mean": float(np.median(depth)) / mean,
        "weakest_transit": float(strengths.min()),
        "present_share": float(np.mean(depth > mean / 2)),
        "negative_share": float(np.mean(depth < 0)),
        "strength_without_one": float(without.min()) / noise,
        "multiple_event": multiple,
        "single_event": multiple / np.sqrt(count),
    }
    if count >= _FEWEST_FOR_TREND:
        since = transits.number - transits.number.mean()
        slope = (weight * since * depth).sum() / np.sqrt((weight * since**2).sum())
        values["depth_trend"] = abs(float(slope)) / noise
    return values


def measure_odd_even(candidate: Candidate) -> Mapping[str, float]:
    """Return how odd transits compare with even ones."""
    if not candidate.in_time:
        return {}
    transits, noise = candidate.transits, candidate.noise_factor
    odd, depth = transits.number % 2 == 1, transits.depth
    if odd.all() or not odd.any():
        return {}
    weight = 1 / transits.error**2
    means = [(weight * depth)[part].sum() / weight[part].sum() for part in (odd, ~odd)]
    error = np.sqrt(1 / weight[odd].sum() + 1 / weight[~odd].sum()) * noise
    mean = float((weight * depth).sum() / weight.sum()) or NEARLY_NOTHING
    # Of each about the mean of its own kind: what the kinds differ by is no part of it.
    squares = float((weight * (depth - np.where(odd, *means)) ** 2).sum())
    spread = np.sqrt(squares / max(len(depth) - 2, 1)) / noise
    difference = abs(float(means[0] - means[1]))
    return {
        "odd_even_strength": difference / error,
        "odd_even_ratio": difference / abs(mean),
        # What transits differ by from one to the next, odd and even ones may as well.
        "odd_even_over_spread": difference / error / max(1.0, spread),
    }

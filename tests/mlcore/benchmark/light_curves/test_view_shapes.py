"""Numbers of folded views."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.benchmark.light_curves.view_columns import shapes_of, views_of, with_components
from mlcore.benchmark.light_curves.view_shapes import close_shapes, orbit_shapes

AT = np.linspace(-2, 2, 61)


def trapezoid(ingress: float) -> np.ndarray:
    return -np.clip((0.5 - np.abs(AT)) / ingress, 0, 1)


def orbit(second: float = 0.0, at: int = 180) -> np.ndarray:
    view = np.zeros(201)
    view[98:103] = -1
    view[at : at + 5] -= second
    return view + 0.01 * np.random.default_rng(0).normal(size=201)


def test_a_grazing_dip_is_told_from_one_with_a_floor() -> None:
    shapes = close_shapes(np.stack([trapezoid(0.05), trapezoid(0.5)]))
    floor, v = shapes["trapezoid_ingress"]
    assert floor <= 0.1
    assert v == 0.5
    assert shapes["trapezoid_depth"] == pytest.approx([1, 1], abs=0.1)
    assert (shapes["boxiness"][0] > shapes["boxiness"][1]).all()


def test_a_second_dip_is_found_with_its_depth_and_phase() -> None:
    duty = np.full(2, 5 / 201)
    shapes = orbit_shapes(np.stack([orbit(), orbit(0.5)]), duty)
    assert shapes["first"] == pytest.approx([1, 1], abs=0.05)
    assert shapes["second"][1] == pytest.approx(0.5, abs=0.05)
    assert shapes["second_phase"][1] == pytest.approx(182.5 / 201 - 0.5, abs=0.01)
    assert shapes["second_beyond_third_strength"][1] > 10 > shapes["second_strength"][0]


def events(count: int = 30) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "period": generator.uniform(1, 13, count),
            "duration": np.full(count, 0.1),
            "depth": np.full(count, 0.01 - 51882.875),
            "snr": generator.uniform(5, 50, count),
            "tmag": np.full(count, 10.0),
            "epoch": generator.uniform(0, 27, count),
            "global_view": list(np.stack([orbit(0.01 * n) for n in range(count)])),
            "local_view": list(np.stack([trapezoid(0.1 + 0.01 * n) for n in range(count)])),
            "secondary_view": list(0.1 * generator.normal(size=(count, 61))),
        }
    )


def test_magnitude_and_epoch_are_not_seen_and_the_depth_is_a_share_of_the_light() -> None:
    shown = events()
    shapes = shapes_of(shown, views_of(shown))
    assert not {"tmag", "epoch"} & set(shapes)
    assert shapes["depth"].to_numpy() == pytest.approx(np.log10(0.01 + 1 / 512))
    other = shown.assign(tmag=5.0, epoch=0.0)
    pd.testing.assert_frame_equal(shapes_of(other, views_of(other)), shapes)


def test_components_come_from_what_is_learnt_alone() -> None:
    shown = events()
    views, learnt = views_of(shown), np.arange(30) < 15
    shapes = shapes_of(shown, views)
    before = with_components(shapes, views, learnt)
    views["global_view"][20] = 3.0
    after = with_components(shapes, views, learnt)
    pd.testing.assert_frame_equal(before.drop(index=20), after.drop(index=20))
    assert (before.loc[20] != after.loc[20]).any()

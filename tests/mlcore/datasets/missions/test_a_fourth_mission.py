from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets import DATASETS, KEPLER, obtain, register, unregister
from mlcore.datasets.splits import split_by_star
from mlcore.errors import DataError
from mlcore.features import compute, features_of, harmonise
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.jobs.messages import ARTIFACT
from mlcore.metrics import measure_slices
from mlcore.pretrained import PUBLISHED, sources_in_folder, train_published
from mlcore.tasks import VETTING
from tests.mlcore.datasets.missions.made_mission import PLATO, plato_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlcore.datasets import Table

THREE = ["kepler", "k2", "tess"]
BEFORE = [*THREE, "tce", "lightcurves"]


@pytest.fixture(autouse=True)
def plato() -> Iterator[None]:
    """Register the mission for as long as a test lasts."""
    register(PLATO)
    yield
    unregister("plato")
    assert list(DATASETS) == BEFORE


@pytest.fixture
def kepler(kepler_table: Table) -> Table:
    """About 300 rows of the carried table."""
    assert kepler_table.labels is not None
    chosen = split_by_star(
        kepler_table.hosts, kepler_table.labels, test_fraction=0.04, salt="a fourth mission"
    )
    return kepler_table.take(chosen)


@pytest.fixture
def table(kepler: Table, tmp_path: Path) -> Table:
    """The same objects as the fourth mission has them, from a folder of tables."""
    plato_file(tmp_path / "notes.txt", kepler.frame)
    return obtain(PLATO, folder=tmp_path, use_archive=False).table


def test_its_table_is_recognised_read_and_checked(kepler: Table, table: Table) -> None:
    assert len(table) == len(kepler)
    assert table.label_counts == kepler.label_counts
    assert list(table.names[:3]) == [f"PTI {name[1:]}" for name in kepler.frame["kepoi_name"][:3]]
    assert table.withheld_columns == ("votes",)
    np.testing.assert_array_equal(table.temperatures, kepler.temperatures)
    assert obtain(KEPLER, folder=None, use_archive=False).table.dataset is KEPLER


def test_its_quantities_have_the_units_that_all_missions_share(kepler: Table, table: Table) -> None:
    ours, theirs = harmonise(table, None), harmonise(kepler, None)
    shared = ["period", "duration", "depth", "radius", "stellar_radius", "stellar_density"]
    pd.testing.assert_frame_equal(ours[shared], theirs[shared], rtol=1e-4)
    names = [feature.name for feature in features_of(PLATO)]
    assert {"noise_over_photons", "density_ratio", "period_error_over_epoch_error"} <= set(names)
    assert "transits_over_expected" not in names
    derived = compute(table, reference=table)
    assert list(derived) == names
    theirs = compute(kepler, reference=kepler)[names]
    pd.testing.assert_frame_equal(derived, theirs, rtol=1e-4, atol=1e-5)


def test_a_feature_that_needs_what_a_mission_does_not_declare_is_none_of_its_features() -> None:
    unknown = replace(PLATO, span=None, electrons=None)
    names = {feature.name for feature in features_of(unknown, wide=True)}
    lost = {feature.name for feature in features_of(PLATO, wide=True)} - names
    assert {"snr_per_transit", "depth_over_photons", "transits_over_expected"} <= lost
    assert "density_ratio" in names


def test_its_figures_are_sliced_in_the_units_of_the_edges(kepler: Table, table: Table) -> None:
    def ranges(rows: Table) -> dict[str, list[tuple[str, int]]]:
        probabilities = np.full((len(rows), 2), 0.5)
        sliced = measure_slices(rows, probabilities, task=VETTING, split="these", resamples=2)
        return {
            slicing.name: [(part.range, part.measurement.rows) for part in slicing.slices]
            for slicing in sliced
        }

    assert ranges(table) == ranges(kepler)


def test_its_published_model_is_trained_carded_saved_predicts_and_explains(
    table: Table, tmp_path: Path
) -> None:
    model = PUBLISHED["plato-vetting"]
    assert (model.title, model.missions) == ("PLATO: planet or false positive", ("plato",))
    # The models that lie in the package are of the missions that they were trained on.
    assert list(PUBLISHED["joint-vetting"].missions) == THREE
    folder = tmp_path / "model"
    card = train_published(model.name, sources_in_folder(model, tmp_path), folder)
    assert card["missions"] == ["plato"]
    assert card["data"][0]["archive_table"] == "platotargets"
    assert card["limits"][0] == "It was made for a test."

    loaded = mlcore.load_artifact(folder / ARTIFACT)
    rows = table.take(range(20))
    predictions = mlcore.predict(loaded, rows, reference=table)
    explanation = predictions.explanation
    assert {"period_hours", "density_ratio"} <= set(explanation.columns)
    sums = explanation.contributions.sum(axis=1) + explanation.base
    np.testing.assert_allclose(sums, explanation.output, atol=1e-6)
    assert len(predictions.assessments) == 20
    with pytest.raises(DataError, match="reads the columns of PLATO targets of interest"):
        loaded.check_serves(KEPLER)


def test_a_model_of_the_other_missions_on_shared_columns_scores_it(table: Table) -> None:
    joint = mlcore.load_published("joint-vetting")
    features = joint.features(table.take(range(5)), reference=table)
    assert features["period"].notna().all()
    shared = Inputs(feature_set=FeatureSet.HARMONISED)
    # What only Kepler had until now, two missions share.
    assert "snr" in [column.name for column in shared.columns(PLATO)]


def test_a_mission_is_registered_once_and_measures_only_what_is_declared() -> None:
    with pytest.raises(ValueError, match="there is a mission plato already"):
        register(PLATO)
    with pytest.raises(ValueError, match="other measures colour, of which nothing is declared"):
        register(replace(PLATO, name="other", quantities={"colour": "p_magnitude"}))
    with pytest.raises(ValueError, match="plato does not declare hue"):
        replace(PLATO, quantities={"magnitude": "hue"})

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import of_candidates
from mlcore.features import compute
from mlcore.metrics import METRICS, SLICINGS, SlicedMeasurements, Slicing, measure, measure_slices
from mlcore.tasks import DISPOSITION, VETTING

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.tasks import Task


def random_probabilities(table: Table, task: Task) -> NDArray[np.float64]:
    return np.random.default_rng(0).dirichlet(np.ones(len(task.classes)), size=len(table))


def sliced(table: Table, task: Task = VETTING) -> dict[str, SlicedMeasurements]:
    slicings = measure_slices(
        table, random_probabilities(table, task), task=task, split="these rows", resamples=20
    )
    return {slicing.name: slicing for slicing in slicings}


@pytest.mark.sampled("k2")
@pytest.mark.parametrize("mission", of_candidates())
def test_the_slices_of_a_mission_hold_each_decided_row_once(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(mission)
    assert table.labels is not None
    for task in (VETTING, DISPOSITION):
        slicings = sliced(table, task)
        assert list(slicings) == list(SLICINGS)
        for slicing in slicings.values():
            if slicing.note is None:
                rows = sum(part.measurement.rows for part in slicing.slices)
                assert rows == task.decided(table.labels).sum()


@pytest.mark.parametrize("mission", of_candidates())
def test_a_mission_without_a_quantity_says_so(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    slicings = sliced(whole_table(mission))
    unmeasured = {name for name, slicing in slicings.items() if slicing.note is not None}
    lacking = {"kepler": set(), "tess": {"signal_to_noise"}}
    assert unmeasured == lacking.get(mission, {"signal_to_noise", "depth_over_photons"})
    title = mlcore.DATASETS[mission].title
    for name in unmeasured:
        assert slicings[name].note == f"{title} have no column with this quantity."


def test_a_mission_without_a_signal_to_noise_ratio_is_sliced_by_what_its_photons_allow(
    whole_table: Callable[[str], Table],
) -> None:
    table = whole_table("tess").take(np.arange(900))
    slicing = sliced(table)["depth_over_photons"]
    assert table.labels is not None
    values = compute(table, reference=None)["depth_over_photons"]
    strong = (values >= 100) & VETTING.decided(table.labels)
    assert slicing.slices[-1].range == "100 or more"
    assert slicing.slices[-1].measurement.rows == strong.sum() > 0


def test_a_slices_figures_are_those_of_its_rows(kepler_table: Table) -> None:
    probabilities = random_probabilities(kepler_table, VETTING)
    (short, *_) = sliced(kepler_table)["period"].slices
    rows = (kepler_table.frame["koi_period"] < 1).to_numpy()
    part = kepler_table.take(rows)
    assert part.labels is not None
    assert short.range == "below 1 days"
    assert short.measurement == measure(
        part.labels,
        probabilities[rows],
        part.hosts,
        task=VETTING,
        split="these rows; Orbital period: below 1 days",
        metrics=[name for name, metric in METRICS.items() if metric.sliced],
        resamples=20,
    )


def test_multiplicity_counts_the_objects_of_the_star(kepler_table: Table) -> None:
    table = kepler_table.take(np.arange(400))
    counts = table.hosts.map(table.hosts.value_counts())
    assert table.labels is not None
    decided = VETTING.decided(table.labels)
    expected = {
        "a single one": (decided & (counts == 1)).sum(),
        "two": (decided & (counts == 2)).sum(),
        "three or more": (decided & (counts >= 3)).sum(),
    }
    slicing = sliced(table)["multiplicity"]
    assert {part.range: part.measurement.rows for part in slicing.slices} == expected


def test_the_objects_of_a_star_are_counted_in_the_missions_table_where_it_is_known(
    kepler_table: Table,
) -> None:
    assert kepler_table.labels is not None
    whole = kepler_table.hosts.map(kepler_table.hosts.value_counts())
    first = ~kepler_table.hosts.duplicated() & VETTING.decided(kepler_table.labels)
    table = kepler_table.take(first.to_numpy())
    (alone,) = sliced(table)["multiplicity"].slices
    assert alone.range == "a single one"
    assert "counted in the tested table alone: a single one" in alone.measurement.split
    (among,) = (
        cut
        for cut in measure_slices(
            table,
            random_probabilities(table, VETTING),
            task=VETTING,
            split="these rows",
            reference=kepler_table,
            resamples=0,
        )
        if cut.name == "multiplicity"
    )
    counts = whole[first]
    expected = {"a single one": counts == 1, "two": counts == 2, "three or more": counts > 2}
    assert among.title == "Objects of the same star, counted in the catalogue"
    assert {cut.range: cut.measurement.rows for cut in among.slices} == {
        words: int(rows.sum()) for words, rows in expected.items()
    }


def test_rows_without_a_value_are_a_slice_of_their_own(kepler_table: Table) -> None:
    last = sliced(kepler_table)["radius"].slices[-1]
    assert kepler_table.labels is not None
    unknown = kepler_table.frame["koi_prad"].isna() & VETTING.decided(kepler_table.labels)
    assert (last.range, last.measurement.rows) == ("not known", unknown.sum())


def test_a_small_slice_says_so(kepler_table: Table) -> None:
    slices = {
        part.range: part for part in sliced(kepler_table.take(np.arange(600)))["radius"].slices
    }
    giants = slices["20 Earth radii or more"]
    assert giants.small is not None
    assert giants.small.startswith("Small: only ")
    whole = {part.range: part for part in sliced(kepler_table)["period"].slices}
    assert whole["3 to 10 days"].small is None


def test_a_table_without_the_column_or_without_labels_says_so(kepler_table: Table) -> None:
    table = kepler_table.take(np.arange(200))
    lacking = replace(table, frame=table.frame.drop(columns="koi_kepmag"))
    assert sliced(lacking)["magnitude"].note == "The table has no column koi_kepmag."
    unlabelled = replace(table, frame=table.frame.drop(columns="koi_disposition"))
    for slicing in sliced(unlabelled).values():
        assert slicing.slices == ()
        assert slicing.note == "No row has a true label that this task tells apart."


def test_slices_are_strict_json(kepler_table: Table) -> None:
    slicings = [slicing.as_json() for slicing in sliced(kepler_table.take(np.arange(300))).values()]
    assert json.loads(json.dumps(slicings, allow_nan=False)) == slicings


def test_the_ranges_of_a_slicing_are_words() -> None:
    assert SLICINGS["period"].ranges[:2] == ("below 1 days", "1 to 3 days")
    assert SLICINGS["magnitude"].ranges[-1] == "15 mag or more"


def test_a_slicing_of_falling_edges_few_words_or_an_unknown_quantity_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="the edges of period do not rise"):
        Slicing(name="period", title="Period", edges=(3.0, 1.0))
    with pytest.raises(ValueError, match="p needs words for 2 slices"):
        Slicing(name="p", title="P", edges=(1.0,), words=("all",))
    with pytest.raises(ValueError, match="p is sorted by colour, of which nothing is declared"):
        Slicing(name="p", title="P", edges=(1.0,), quantity="colour")

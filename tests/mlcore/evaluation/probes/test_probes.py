from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets import Table
from mlcore.evaluation.probes import (
    ProbeReport,
    Refit,
    bookkeeping_numbers,
    fit_small_booster,
    run_probes,
    with_row_split,
)
from mlcore.evaluation.probes import run as running
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.metrics import measure
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.run import RunContext
from mlcore.tasks import DISPOSITION, TASKS, VETTING
from tests.mlcore.hand_made import KEPLER, default_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.metrics import Measurement
    from mlcore.model_selection.folds import Fit
    from mlcore.tasks import Task


FITTED = Refit(fit=fit_small_booster)
BOOKKEEPING = "koi_count"


def seen(table: Table) -> LabelledRows:
    return LabelledRows.of([table], table.features)


def modelled(training: LabelledRows, testing: LabelledRows, task: Task, fit: Fit) -> Measurement:
    learned = training.take(task.decided(training.labels))
    model = fit(learned, 0)
    return measure(
        testing.labels,
        task.probabilities(model.predict_proba(testing.features)),
        testing.hosts,
        task=task,
        split="held-out stars",
    )


def all_probes(
    training: LabelledRows,
    testing: LabelledRows,
    model: Measurement,
    *,
    task: Task,
    refit: Refit,
    run: RunContext,
    **how: Any,
) -> ProbeReport:
    """Run the cheap probes, and then that for which the model is fitted anew."""
    cheap = run_probes(training, testing, model, task=task, run=run, **how)
    return with_row_split(cheap, training, testing, model, task=task, refit=refit, run=run)


def probed(
    training: LabelledRows,
    testing: LabelledRows,
    task: Task = VETTING,
    fit: Fit = fit_small_booster,
) -> ProbeReport:
    model = modelled(training, testing, task, fit)
    return all_probes(training, testing, model, task=task, refit=Refit(fit=fit), run=RunContext())


def of_mission(
    mission: str, whole_table: Callable[[str], Table]
) -> tuple[LabelledRows, LabelledRows]:
    training, testing = mlcore.split(whole_table(mission))
    return seen(training), seen(testing)


def made(rows: int, seed: int = 0) -> LabelledRows:
    """Return rows with two columns of which neither value nor absence says anything."""
    random = np.random.default_rng(seed)
    labels = random.choice(["confirmed", "false_positive"], size=rows)
    features = pd.DataFrame({"a": random.normal(size=rows), "b": random.normal(size=rows)})
    kept = pd.DataFrame({BOOKKEEPING: random.normal(size=rows)})
    return LabelledRows(
        features=features,
        labels=pd.Series(labels, dtype="str"),
        hosts=pd.Series([f"star {seed} {i}" for i in range(rows)], dtype="str"),
        tables=(Table(dataset=KEPLER, frame=kept, row_numbers=np.arange(rows)),),
    )


def auc_of(report: ProbeReport, name: str) -> float:
    measurement = report.probe(name).measurement
    assert measurement is not None
    value = measurement.figure("roc_auc").value
    assert value is not None
    return value


@pytest.mark.sampled("vetting")
@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_on_k2_the_missing_values_alone_are_close_to_the_model_and_the_result_says_so(
    task: Task, whole_table: Callable[[str], Table]
) -> None:
    training, testing = of_mission("k2", whole_table)
    report = probed(training, testing, task)
    missingness = report.probe("missingness")
    assert missingness.close
    assert missingness.share is not None
    assert missingness.share > 0.8
    assert auc_of(report, "missingness") > (0.95 if task is VETTING else 0.85)
    assert any(
        warning.startswith("Missing values alone give ROC-AUC 0.")
        and warning.endswith("its score may rest on this shortcut and not on physics.")
        for warning in report.warnings
    )


@pytest.mark.sampled("tess")
@pytest.mark.parametrize("mission", ["kepler", "tess"])
def test_on_the_other_missions_no_probe_is_close(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    report = probed(*of_mission(mission, whole_table))
    for name in ("missingness", "bookkeeping"):
        probe = report.probe(name)
        assert not probe.close
        assert probe.share is not None
        assert probe.share < 0.7
    assert not any("shortcut" in warning for warning in report.warnings)


def test_every_probe_is_of_the_models_test_rows(whole_table: Callable[[str], Table]) -> None:
    training, testing = of_mission("kepler", whole_table)
    report = probed(training, testing)
    decided = VETTING.decided(testing.labels)
    assert [probe.name for probe in report.probes] == [
        *("baseline", "missingness", "bookkeeping", "star_knowledge"),
        "row_split",
    ]
    for probe in report.probes:
        assert probe.measurement is not None
        assert probe.measurement.rows == decided.sum()
        split = "rows drawn at random" if probe.name == "row_split" else "held-out stars"
        assert probe.measurement.split.startswith(split)


def test_the_baseline_is_the_majority_with_the_class_frequencies(
    whole_table: Callable[[str], Table],
) -> None:
    training, testing = of_mission("kepler", whole_table)
    measurement = probed(training, testing, DISPOSITION).probe("baseline").measurement
    assert measurement is not None
    majority = training.labels.value_counts().idxmax()
    assert measurement.figure("accuracy").value == pytest.approx(
        (testing.labels == majority).mean()
    )
    assert measurement.figure("roc_auc").value == 0.5
    share = training.labels.value_counts(normalize=True)
    assert measurement.figure("log_loss").value == pytest.approx(
        -np.log(testing.labels.map(share).to_numpy()).mean()
    )


def test_a_column_whose_absence_states_the_label_is_found() -> None:
    training, testing = made(400), made(200, seed=1)
    for rows in (training, testing):
        rows.features.loc[(rows.labels == "confirmed").to_numpy(), "a"] = np.nan
    report = probed(training, testing)
    assert report.probe("missingness").close
    assert report.probe("missingness").share == pytest.approx(1.0)
    assert report.warnings[0].startswith(
        "Missing values alone give ROC-AUC 1.000, as much as the model with 1.000:"
    )
    assert not report.probe("bookkeeping").close


@pytest.mark.sampled("kepler-0.85")
@pytest.mark.parametrize(("mission", "least"), [("kepler", 0.85), ("tess", 0.8), ("k2", 0.85)])
def test_how_well_a_star_is_known_tells_planets_and_no_model_sees_it(
    mission: str, least: float, whole_table: Callable[[str], Table]
) -> None:
    training, testing = of_mission(mission, whole_table)
    report = probed(training, testing)
    probe = report.probe("star_knowledge")
    assert auc_of(report, "star_knowledge") > least
    assert probe.meaning.endswith("; the model sees none of them.")
    assert (probe.shared_columns, probe.share, probe.close) == ((), None, False)
    assert not any("well the host star is known" in warning for warning in report.warnings)


def test_a_column_that_says_how_well_the_star_is_known_is_found(
    whole_table: Callable[[str], Table],
) -> None:
    training, testing = (
        replace(rows, features=rows.features.assign(koi_steff_err1=known))
        for rows in of_mission("kepler", whole_table)
        for known in [rows.tables[0].withheld_errors["koi_steff_err1"]]
    )
    report = probed(training, testing)
    probe = report.probe("star_knowledge")
    assert probe.shared_columns == ("koi_steff_err1",)
    assert probe.share is not None
    assert "sees none of them" not in probe.meaning
    assert report.warnings[0] == (
        "The model sees koi_steff_err1, which says how well the host star is known: that follows"
        " the follow-up of planets and is no physics."
    )


@pytest.mark.parametrize("mission", mlcore.DATASETS)
@pytest.mark.parametrize("feature_set", FeatureSet)
def test_no_feature_of_any_set_is_or_comes_from_how_well_the_star_is_known(
    mission: str, feature_set: FeatureSet
) -> None:
    dataset = mlcore.DATASETS[mission]
    inputs = Inputs(feature_set=feature_set)
    known = {column.name for column in dataset.star_uncertainties}
    assert known or mission == "lightcurves"
    read = {column.name for column in inputs.columns(dataset)}
    read |= {name for needed in inputs.computed_from(dataset).values() for name in needed}
    assert not read & known


def test_a_bookkeeping_column_that_states_the_label_is_found() -> None:
    training, testing = made(400), made(200, seed=1)
    for rows in (training, testing):
        stated = (rows.labels == "confirmed").astype(float)
        rows.tables[0].frame[BOOKKEEPING] = rows.features["a"] = stated
    report = probed(training, testing)
    assert report.probe("bookkeeping").close
    assert report.probe("missingness").measurement is None
    assert report.probe("missingness").note == (
        "Each column is known in all training rows or in none."
    )
    assert report.warnings[0].startswith("Bookkeeping columns alone give ROC-AUC 1.000")


def test_a_model_that_knows_its_stars_again_is_found_by_the_split_by_row() -> None:
    random = np.random.default_rng(0)
    stars = 300
    hosts = pd.Series([f"star {i}" for i in range(stars)] * 4, dtype="str")
    # A number that tells the star, and a disposition that the star shares: nothing but memory.
    number = pd.Series(np.tile(random.normal(size=stars), 4))
    kind = np.tile(random.choice(["confirmed", "false_positive"], size=stars), 4)
    every = LabelledRows(
        features=pd.DataFrame({"a": number, "b": random.normal(size=stars * 4)}),
        labels=pd.Series(kind, dtype="str"),
        hosts=hosts,
    )
    held_out = hosts.isin([f"star {i}" for i in range(60)]).to_numpy()
    report = probed(every.take(~held_out), every.take(held_out))
    assert auc_of(report, "row_split") > 0.75
    assert any(
        warning.startswith("A split that divides stars would claim ROC-AUC 0.")
        for warning in report.warnings
    )


def test_a_model_that_is_no_better_than_chance_is_not_compared() -> None:
    report = probed(made(400), made(200, seed=1))
    assert report.probe("bookkeeping").share is None
    assert report.warnings[0].startswith("The model ranks hardly better than chance (ROC-AUC 0.")


def test_without_a_fit_the_split_by_row_says_why_it_has_no_figures() -> None:
    training, testing = made(100), made(50, seed=1)
    model = modelled(training, testing, VETTING, fit_small_booster)
    refit = Refit(whose="the ensemble's best member", refusal="There was no time.")
    probe = all_probes(training, testing, model, task=VETTING, refit=refit, run=RunContext()).probe(
        "row_split"
    )
    assert probe.title == "The ensemble's best member under a split by row"
    assert (probe.measurement, probe.note) == (None, "There was no time.")


def test_candidates_take_no_part_in_vetting() -> None:
    training, testing = made(200), made(100, seed=1)
    more = made(100, seed=2)
    candidates = replace(more, labels=pd.Series(["candidate"] * 100, dtype="str"))
    alone = probed(training, testing)
    beside = probed(
        LabelledRows.joined([training, candidates]), LabelledRows.joined([testing, candidates])
    )
    assert beside.as_json() == alone.as_json()


def test_few_rows_or_one_class_say_why_there_are_no_figures() -> None:
    training, testing = made(40), made(1, seed=1)
    report = all_probes(
        training,
        testing,
        modelled(training, testing, VETTING, fit_small_booster),
        task=VETTING,
        refit=FITTED,
        run=RunContext(),
    )
    assert report.probe("row_split").note == "There are too few rows for a split by row."
    alike = replace(training, labels=pd.Series(["confirmed"] * 40, dtype="str"))
    report = all_probes(
        alike, testing, report_of(testing), task=VETTING, refit=FITTED, run=RunContext()
    )
    assert report.probe("bookkeeping").note == (
        "The training rows have fewer than two dispositions."
    )
    nothing = replace(training, labels=pd.Series(["candidate"] * 40, dtype="str"))
    report = all_probes(
        nothing, testing, report_of(testing), task=VETTING, refit=FITTED, run=RunContext()
    )
    assert report.probe("baseline").note == "There is no training row."
    reason = "They are not at hand."
    shares = [0.25, 0.75]
    report = all_probes(
        nothing,
        testing,
        report_of(testing),
        task=VETTING,
        refit=FITTED,
        frequencies=shares,
        fitted_on=reason,
        run=RunContext(),
    )
    assert report.probe("missingness").note == report.probe("bookkeeping").note == reason
    assert report.probe("baseline").measurement is not None


def test_of_very_many_rows_a_probe_learns_from_whole_stars_and_says_from_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training, testing = made(90), made(40, seed=1)
    pairs = pd.Series([f"star {i // 2}" for i in range(90)], dtype="str")
    training = replace(training, hosts=pairs)
    learnt: list[LabelledRows] = []

    def fitted(rows: LabelledRows, seed: int) -> Any:
        learnt.append(rows)
        return fit_small_booster(rows, seed)

    monkeypatch.setattr(running, "fit_small_booster", fitted)
    monkeypatch.setattr(running, "_MOST_LEARNT", 51)
    report = run_probes(training, testing, report_of(testing), task=VETTING, run=RunContext())
    assert [len(rows) for rows in learnt] == [50]
    assert (learnt[0].hosts.value_counts() == 2).all()
    assert report.fitted_on == (
        "The probes learnt from the rows that the model was trained on. Those that are fitted saw"
        " 50 of these rows, of stars drawn at random."
    )
    monkeypatch.setattr(running, "_MOST_LEARNT", 90)
    all_of_them = run_probes(training, testing, report_of(testing), task=VETTING, run=RunContext())
    assert len(learnt[1]) == 90
    assert "drawn at random" not in all_of_them.fitted_on


def report_of(rows: LabelledRows) -> Measurement:
    return measure(
        rows.labels,
        np.full((len(rows.labels), 2), 0.5),
        rows.hosts,
        task=VETTING,
        split="held-out stars",
    )


def test_any_model_of_the_catalogue_can_be_probed(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = map(default_rows, kepler_tables)
    kind = MODELS["linear_regression"]
    values, _ = kind.read_hyperparameters({})
    report = probed(training, testing, fit=Recipe(kind, values, VETTING).fit)
    assert auc_of(report, "row_split") > 0.8


def test_progress_names_the_probes(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = made(60), made(30, seed=1)
    seen: list[tuple[float, str]] = []
    all_probes(
        training,
        testing,
        modelled(training, testing, VETTING, fit_small_booster),
        task=VETTING,
        refit=FITTED,
        run=RunContext(progress=lambda fraction, step: seen.append((fraction, step))),
    )
    assert [fraction for fraction, _ in seen] == sorted(fraction for fraction, _ in seen)
    assert [step for _, step in seen] == [
        "class frequencies",
        "missing values alone",
        "bookkeeping columns alone",
        "how well the star is known",
        "all probes done",
    ]


def test_the_report_is_strict_json() -> None:
    report = probed(made(60), made(30, seed=1)).as_json()
    assert json.loads(json.dumps(report, allow_nan=False)) == report


@pytest.mark.sampled("k2")
@pytest.mark.parametrize("mission", mlcore.DATASETS)
def test_bookkeeping_numbers_never_state_the_label(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(mission)
    numbers = bookkeeping_numbers(table)
    assert len(numbers) == len(table)
    for name in numbers:
        column = table.dataset.column(name)
        assert (column.leak, column.text) == (None, False)
        assert column not in table.dataset.feature_columns(wide=True)
    expected = {"kepler": "koi_tce_plnt_num", "tess": "st_pmra", "tce": "tce_plnt_num"}
    expected |= {"lightcurves": "points", "k2": "pl_tranmid"}
    assert expected[mission] in numbers if mission in expected else numbers.columns.empty


def test_a_split_by_row_is_compared_only_where_both_sides_have_the_same_columns(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    fewer = replace(
        testing, frame=testing.frame.drop(columns=["koi_depth", "koi_depth_err1", "koi_teq"])
    )
    for train, test, side in ((training, fewer, "testing"), (fewer, training, "training")):
        report = probed(seen(train), seen(test))
        probe = report.probe("row_split")
        assert probe.measurement is None
        assert probe.note == (
            "Training and testing rows do not have the same columns (the"
            f" {side} rows lack koi_depth, koi_depth_err1, koi_teq): how the figures of a split by"
            " row differ from these says nothing of stars that are known again."
        )
        assert not any("knows stars again" in warning for warning in report.warnings)
    same = probed(seen(training), seen(testing)).probe("row_split")
    assert same.measurement is not None


def test_columns_that_no_model_sees_may_differ(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = kepler_tables
    unseen = replace(testing, frame=testing.frame.drop(columns=["ra", "dec"]))
    assert probed(seen(training), seen(unseen)).probe("row_split").measurement is not None

"""Values that are told of one object, answered as a file with one row would be."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

import mlcore
from mlcore.errors import DataError
from mlcore.jobs.asked_values import FEWEST_ASKED, MOST_ASKED, asked_values
from mlcore.jobs.at_once import AtOnce, fit_for_values_job
from mlcore.jobs.messages import PREDICTIONS, PredictionJob, ValuesJob
from mlcore.prediction.stored import prediction_rows
from mlcore.pretrained.load import unpack
from tests.mlcore.jobs.run_jobs import predicted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KNOWN = {
    "Period [d]": 9.48,
    "koi_depth": 616,
    "koi_duration": 2.9,
    "koi_prad": 2.2,
    "Teff": 5455,
    "logg": 4.47,
    "Rstar": 0.93,
}


@pytest.fixture
def told(published: Path, snapshot: Callable[[str], Path], tmp_path: Path) -> Callable[..., Any]:
    """Return what makes a request for the verdict of one object."""
    (tmp_path / "refits").mkdir()

    def tell(values: dict[str, Any], **further: Any) -> dict[str, Any]:
        order = PredictionJob(
            **{
                "dataset": "kepler",
                "artifact": str(published),
                "folder": "",
                "reference": str(snapshot("kepler")),
                "refits": str(tmp_path / "refits"),
                "means": {"computed": str(tmp_path / "computed")},
            }
            | further
        )
        return dict(
            json.loads(json.dumps(asdict(ValuesJob(prediction=asdict(order), values=values))))
        )

    (tmp_path / "computed").mkdir()
    return tell


def answered(by: AtOnce, told: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(by.answer({"values": told}), allow_nan=False)))


def test_one_object_gets_to_the_bit_what_a_file_with_one_row_gets(
    told: Callable[..., Any], published: Path, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    by, request = AtOnce(), told(KNOWN)
    # A model of the values at hand is fitted once, for everybody who lacks the same.
    assert answered(by, request) == {"must_be_fitted": True}
    assert fit_for_values_job(request, lambda _: None) == {}
    said = answered(by, request)
    (tmp_path / "one.json").write_text(json.dumps([KNOWN]))
    result = predicted(
        tmp_path / "job",
        published,
        testing_file=str(tmp_path / "one.json"),
        reference=str(snapshot("kepler")),
        refits=str(tmp_path / "refits"),
    )
    (row,) = prediction_rows(tmp_path / "job" / PREDICTIONS)
    assert list(said["probabilities"].values()) == row["probabilities"]
    assert list(said["contributions"].values()) == row["contributions"]
    assert list(said["values"].values()) == row["values"]
    assert (said["verdict"], said["prediction"]) == (row["verdict"], row["label"])
    assert said["reasons"] == row["reasons"]
    judgement = row["judgement"]
    assert said["conformal"] == judgement["conformal"]
    assert said["novelty"] == judgement["domain"]
    assert said["score_interval"] == judgement["score_interval"]
    assert said["nearest_neighbours"] == judgement["analogues"]
    fewer = result["report"]["fewer_columns"]
    assert said["understood"]["refit"] == fewer["sentence"]
    assert [one["column"] for one in said["understood"]["missing"]] == fewer["lacking"]
    assert fewer["sentence"] in said["warnings"]


def test_what_was_understood_of_the_values_is_told(told: Callable[..., Any]) -> None:
    request = told(KNOWN | {"my note": "odd", "koi_score": 0.9, "koi_impact": None})
    fit_for_values_job(request, lambda _: None)
    understood = answered(AtOnce(), request)["understood"]
    read = {one["heading"]: one for one in understood["headings"]}
    assert (read["Period [d]"]["column"], read["Period [d]"]["unit"]) == ("koi_period", "d")
    assert read["koi_score"]["use"] == "withheld"
    assert understood["ignored"] == ["my note"]
    missing = {one["column"]: one for one in understood["missing"]}
    assert missing["koi_impact"] == {
        "column": "koi_impact",
        "title": "Impact parameter",
        "unit": "",
        "unit_in_words": "",
    }
    assert "koi_period" not in missing


def test_where_nothing_is_lacking_nothing_is_fitted(
    told: Callable[..., Any], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    table, _ = mlcore.datasets.snapshot.read_snapshot(snapshot("kepler"), mlcore.DATASETS["kepler"])
    complete = table.frame.dropna().iloc[0]
    features = mlcore.DATASETS["kepler"].feature_names
    values = {str(name): float(complete[name]) for name in features}
    said = answered(AtOnce(), told(values | {"kepoi_name": complete["kepoi_name"]}, refit=None))
    assert said["understood"]["refit"] is None
    assert said["understood"]["missing"] == []
    # Its star is known by its name.
    assert said["object"] == {
        "number": None,
        "name": complete["kepoi_name"],
        "host": complete["kepid"],
    }
    assert list((tmp_path / "refits").iterdir()) == []


def test_a_model_of_ones_own_is_not_fitted_anew_unasked(told: Callable[..., Any]) -> None:
    with pytest.raises(DataError, match=r"^The table lacks koi_period_err1, .* trained on\.$"):
        AtOnce().answer({"values": told(KNOWN, refit=None)})


def test_what_cannot_be_fitted_any_more_is_refused(told: Callable[..., Any]) -> None:
    gone = {
        "training_job": {
            "dataset": "kepler",
            "model_type": "xgboost",
            "hyperparameters": {},
            "seed": 1,
            "folder": "",
            "training_file": "/nowhere",
            "testing_file": "/nowhere",
        }
    }
    with pytest.raises(DataError, match="no longer on this server"):
        fit_for_values_job(told(KNOWN, refit=gone), lambda _: None)


@pytest.mark.parametrize(
    ("model", "mission", "first"),
    [
        ("kepler-vetting", "kepler", {"koi_period", "koi_duration", "koi_srad", "koi_depth"}),
        ("joint-vetting", "tess", {"st_rad", "pl_orbper", "pl_trandep", "pl_trandurh"}),
        ("k2-vetting", "k2", {"pl_rade", "st_rad", "st_mass", "pl_orbper"}),
    ],
)
def test_a_form_asks_for_a_handful_of_values_that_people_know_and_the_model_rests_on(
    model: str, mission: str, first: set[str], tmp_path: Path
) -> None:
    unpack(model, tmp_path / model)
    result = json.loads((tmp_path / model / "result.json").read_text())
    moved = result["report"]["importance"]["mean_absolute_contributions"]["quantities"]
    shares = {
        column: quantity["share"] / len(quantity["columns"])
        for quantity in moved
        for column in quantity["columns"]
    }
    dataset = mlcore.DATASETS[mission]
    *values, name = asked_values(tmp_path / model / "artifact", dataset, shares)
    assert FEWEST_ASKED <= len(values) < MOST_ASKED
    assert {value.column for value in values[:4]} == first
    assert [value.share for value in values] == sorted((v.share for v in values), reverse=True)
    for value in values:
        column = dataset.column(value.column)
        assert not column.uncertainty_of
        assert not value.is_text
        assert value.help.startswith("A number ")
        if value.low is not None:
            assert value.minimum is None or value.minimum <= value.low < value.high
    assert (name.column, name.is_text) == (dataset.object_name[0], True)

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.errors import HyperparameterError
from mlcore.models import MODELS, model_type
from mlcore.models.hyperparameter_kinds import (
    Boolean,
    Choice,
    Hyperparameter,
    Integer,
    IntegerList,
    Real,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [(kind.name, row) for kind in MODELS.values() for row in kind.hyperparameters]
EVERY_ROW = pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{kind}-{row.name}") for kind, row in ROWS]
)


def refused_values(row: Hyperparameter) -> Iterator[Any]:
    yield from ("abc", "nan", "inf", "-Infinity", "1e400", "None", "1;2", "<script>")
    yield from (math.nan, math.inf, -math.inf, {}, {"value": 1}, b"1", object(), 10**400, 10**5000)
    match row:
        case Integer():
            yield from (True, False, [row.minimum], (row.minimum,), row.minimum + 0.5)
            yield from (row.minimum - 1, row.maximum + 1, -row.maximum, 10**9)
            yield from (str(row.minimum - 1), str(row.maximum + 1), f"{row.minimum}.5", "1,2")
        case Real():
            yield from (True, False, [row.minimum], (row.minimum,), "1,5")
            yield from (math.nextafter(row.minimum, -math.inf), str(row.minimum - 1e-9), -1, "-1")
            yield from (math.nextafter(row.maximum, math.inf), str(row.maximum + 1e-9), 1e300)
        case Choice():
            yield from (1, 1.5, True, list(row.choices), [row.choices[0]], f"{row.choices[0]}x")
        case Boolean():
            yield from (0, 1, 1.0, "0", "1", "yes", "on", [True], "true false")
        case IntegerList():
            yield from ([], (), "[]", ",", "1,,2", [None], [True], True, [[1]], [1.5], "1.5", ["a"])
            yield from (row.minimum - 1, row.maximum + 1, [row.minimum, row.maximum + 1])
            yield from ([1] * (row.longest + 1), ",".join("1" * (row.longest + 1)))


EVERY_REFUSED = pytest.mark.parametrize(
    ("row", "sent"),
    [
        pytest.param(row, sent, id=f"{kind}-{row.name}-{number}")
        for kind, row in ROWS
        for number, sent in enumerate(refused_values(row))
    ],
)


@EVERY_ROW
@pytest.mark.parametrize("sent", [None, "", "   ", "\t"])
def test_nothing_sent_means_the_default(row: Hyperparameter, sent: str | None) -> None:
    assert row.read(sent) == row.default


@EVERY_ROW
def test_the_default_is_allowed(row: Hyperparameter) -> None:
    assert row.default is None or row.read(row.default) == row.default


@EVERY_ROW
def test_the_default_is_the_same_when_it_comes_as_text(row: Hyperparameter) -> None:
    sent = "" if row.default is None else str(row.default)
    parsed = row.read(sent)
    assert parsed == row.default
    assert type(parsed) is type(row.default)


@EVERY_REFUSED
def test_a_value_that_is_not_allowed_is_refused_in_a_sentence_that_says_what_is(
    row: Hyperparameter, sent: Any
) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        row.read(sent)
    sentence = str(refusal.value)
    assert sentence.startswith(f"{row.name} was ")
    assert sentence.endswith(f", but it must be {row.allowed}.")
    shown = sentence.removeprefix(f"{row.name} was ").removesuffix(
        f", but it must be {row.allowed}."
    )
    if sent == 10**5000:
        assert shown == "a number of thousands of digits"
    else:
        assert shown.rstrip("…") == repr(sent)[:60]


@EVERY_ROW
def test_both_bounds_are_allowed(row: Hyperparameter) -> None:
    if isinstance(row, Integer | Real):
        for bound in (row.minimum, row.maximum):
            assert row.read(bound) == row.read(f" {bound} ") == bound
    elif isinstance(row, Choice):
        assert [row.read(f" {word.upper()} ") for word in row.choices] == list(row.choices)
    elif isinstance(row, IntegerList):
        widest = [row.maximum] * row.longest
        assert row.read(widest) == tuple(widest)
        assert row.read(row.minimum) == (row.minimum,)
    else:
        assert [row.read(word) for word in ("True", " false ", True, False)] == [
            *(True, False),
            *(True, False),
        ]


@pytest.mark.parametrize("sent", ["5", " 5 ", "5.0", 5, 5.0, "+5", "05"])
def test_a_whole_number_is_read_however_it_is_written(sent: Any) -> None:
    parsed = Integer(name="depth", default=None, minimum=1, maximum=9, help="").read(sent)
    assert parsed == 5
    assert type(parsed) is int


@pytest.mark.parametrize(
    ("sent", "widths"),
    [
        ("100", (100,)),
        ("100,", (100,)),
        ("100, 50", (100, 50)),
        ("(100, 50)", (100, 50)),
        ("[100,50]", (100, 50)),
        ([100, "50"], (100, 50)),
        ((100,), (100,)),
        (100, (100,)),
        ("64.0", (64,)),
    ],
)
def test_a_list_of_whole_numbers_is_read_however_it_is_written(
    sent: Any, widths: tuple[int, ...]
) -> None:
    row = next(r for r in MODELS["neural_network"].hyperparameters if r.default == (100,))
    assert row.read(sent) == widths


def test_what_was_sent_is_cut_short_in_a_refusal() -> None:
    row = MODELS["svm"].hyperparameters[0]
    with pytest.raises(HyperparameterError) as refusal:
        row.read("9" * 10_000 + "x")
    assert len(str(refusal.value)) < 200


@EVERY_ROW
def test_a_hyperparameter_describes_itself_in_json(row: Hyperparameter) -> None:
    described = row.describe()
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert described["name"] == row.name
    assert described["help"].endswith(".")
    assert described["allowed"] == row.allowed
    default = tuple(described["default"]) if isinstance(row, IntegerList) else described["default"]
    assert default == row.default
    match row:
        case Integer() | Real() | IntegerList():
            assert (described["minimum"], described["maximum"]) == (row.minimum, row.maximum)
        case Choice():
            assert described["choices"] == list(row.choices)


def test_each_type_has_a_name_of_its_own() -> None:
    assert {row.describe()["type"] for _, row in ROWS} == {
        "integer",
        "number",
        "string",
        "boolean",
        "array of integers",
    }


@pytest.mark.parametrize("name", MODELS)
def test_a_request_without_hyperparameters_gets_every_default(name: str) -> None:
    kind = MODELS[name]
    values, ignored = kind.read_hyperparameters({})
    assert values == {row.name: row.default for row in kind.hyperparameters}
    assert ignored == ()


@pytest.mark.parametrize("name", MODELS)
def test_hyperparameters_of_another_model_are_ignored_and_named(name: str) -> None:
    own = {row.name for row in MODELS[name].hyperparameters}
    others = {row.name for _, row in ROWS} - own
    values, ignored = MODELS[name].read_hyperparameters(dict.fromkeys(sorted(others), "absurd"))
    assert set(values) == own
    assert ignored == tuple(
        f"{other} is no hyperparameter of {name} and was ignored." for other in sorted(others)
    )


@pytest.mark.parametrize("name", MODELS)
def test_a_hyperparameter_that_no_model_has_is_refused(name: str) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        MODELS[name].read_hyperparameters({"n_trees": "10"})
    own = ", ".join(row.name for row in MODELS[name].hyperparameters)
    assert str(refusal.value) == f"n_trees is no hyperparameter of any model; {name} has {own}."


def test_what_a_browser_sends_is_read_by_the_models_own_declarations() -> None:
    values, ignored = model_type("xgb").read_hyperparameters(
        {"max_depth": "5", "learning_rate": "0.3", "n_estimators": "", "criterion": "entropy"}
    )
    assert values == {"learning_rate": 0.3, "max_depth": 5, "n_estimators": 100, "subsample": 1.0}
    assert ignored == ("criterion is no hyperparameter of xgboost and was ignored.",)


def test_an_own_value_that_is_not_allowed_is_refused_by_the_model() -> None:
    with pytest.raises(HyperparameterError, match=r"^max_depth was '0', but it must be a whole"):
        MODELS["random_forest"].read_hyperparameters({"max_depth": "0"})

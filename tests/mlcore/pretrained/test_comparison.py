"""What counts as the same training and what does not: rounding does, all else does not."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import xgboost

from mlcore.pretrained import card, unpack
from mlcore.pretrained.comparison import TOLERANCE, compare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOOSTER = "artifact/estimator.ubj"


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """Return what is carried of a model twice; the second is a test's to change."""
    for side in ("carried", "trained"):
        unpack("k2-vetting", tmp_path / side)
    return tmp_path / "carried", tmp_path / "trained"


@pytest.fixture
def compared(sides: tuple[Path, Path]) -> Callable[..., list[str]]:
    """Return what changes a value of a file that was trained, and compares."""

    def change(file: str, *place: str | int, by: Callable[[Any], Any]) -> list[str]:
        path = sides[1] / file
        content = json.loads(path.read_text())
        inner = content
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = by(inner[place[-1]])
        path.write_text(json.dumps(content))
        if path.parent.name == "artifact":
            with_right_digests(sides[1])
        return compare(*sides)

    return change


def with_right_digests(folder: Path) -> None:
    """Write the digests of the artifact's files anew, as saving them would."""

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    artifact = folder / "artifact"
    manifest = json.loads((artifact / "manifest.json").read_text())
    manifest["sha256"] = {name: digest(artifact / name) for name in manifest["sha256"]}
    (artifact / "manifest.json").write_text(json.dumps(manifest))
    model_card = json.loads((folder / "card.json").read_text())
    model_card["artifact"]["sha256"] = {path.name: digest(path) for path in artifact.iterdir()}
    (folder / "card.json").write_text(json.dumps(model_card))


def booster_with(folder: Path, by: Callable[[dict[str, Any]], None]) -> None:
    """Change the trees of a booster."""
    booster = xgboost.Booster(model_file=folder / BOOSTER)
    content = json.loads(booster.save_raw("json"))
    by(content["learner"]["gradient_booster"]["model"]["trees"][0])
    booster.load_model(bytearray(json.dumps(content).encode()))
    (folder / BOOSTER).write_bytes(booster.save_raw("ubj"))
    with_right_digests(folder)


def test_the_same_files_are_the_same(sides: tuple[Path, Path]) -> None:
    assert compare(*sides) == []


def test_another_last_bit_and_the_digest_that_goes_with_it_are_the_same_training(
    sides: tuple[Path, Path],
) -> None:
    path = sides[1] / "artifact" / "domain.json"
    content = json.loads(path.read_text())
    content["precision"] = [[entry * (1 + 1e-12) for entry in row] for row in content["precision"]]
    path.write_text(json.dumps(content))
    with_right_digests(sides[1])
    carried, trained = (entry / "artifact" / "domain.json" for entry in sides)
    assert carried.read_bytes() != trained.read_bytes()
    assert compare(*sides) == []


def test_a_digest_that_is_not_its_files_is_told(compared: Callable[..., list[str]]) -> None:
    wrong = "0" * 64
    assert compared("card.json", "artifact", "sha256", "domain.json", by=lambda _: wrong) == [
        f'card.json: artifact.sha256.domain.json is "{wrong}" and was "the file\'s own".'
    ]


@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_figure_may_lie_as_far_off_as_the_tolerance_and_no_further(
    factor: float, compared: Callable[..., list[str]]
) -> None:
    carried = card("k2-vetting")["headline"]["value"]
    trained = carried + factor * TOLERANCE
    assert compared("card.json", "headline", "value", by=lambda _: trained) == (
        []
        if factor < 1
        else [f"card.json: headline.value is {trained} and was {carried}, 2.0e-09 apart."]
    )


def test_the_tolerance_of_a_large_number_is_a_share_of_it(
    compared: Callable[..., list[str]],
) -> None:
    assert card("k2-vetting")["columns"][2] == "st_teff"
    place = ("artifact/manifest.json", "baseline", 2)
    assert compared(*place, by=lambda kelvin: kelvin + 1e-6) == []
    (said,) = compared(*place, by=lambda kelvin: kelvin + 1e-4)
    assert said.startswith("artifact/manifest.json: baseline[2] is ")
    assert said.endswith(", 1.0e-04 apart.")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("headline", "rows"), 172, "headline.rows is 172 and was 171"),
        (("headline", "rows"), 171.0, "headline.rows is 171.0 and was 171"),
        (("headline", "value"), None, "headline.value is null and was 0.9928925619834711"),
        (("missions",), ["k2", "k2"], "missions is a list of 2 and was a list of 1"),
        (("missions",), {}, "missions is an object of 0 and was a list of 1"),
        (("seed",), 1, "seed is 1 and was nothing"),
        (("data", 0, "sha256"), "0", 'data[0].sha256 is "0" and was "551f33'),
    ],
)
def test_whatever_is_no_rounded_number_has_to_be_equal(
    place: tuple[str | int, ...], value: object, said: str, sides: tuple[Path, Path]
) -> None:
    path = sides[1] / "card.json"
    content = json.loads(path.read_text())
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path.write_text(json.dumps(content))
    (difference,) = compare(*sides)
    assert difference.startswith(f"card.json: {said}")


def test_of_many_values_the_one_that_differs_most_is_told(
    compared: Callable[..., list[str]],
) -> None:
    compared("result.json", "metrics", "accuracy", by=lambda value: value + 1e-6)
    (said,) = compared("result.json", "metrics", "f1", by=lambda value: value + 1e-3)
    assert said.startswith("result.json: 2 values differ, most of all this one: metrics.f1 is ")
    (said,) = compared("result.json", "metrics", "rows", by=lambda rows: rows + 1)
    assert said == (
        "result.json: 3 values differ, most of all this one: metrics.rows is 172 and was 171."
    )


def test_another_tree_is_told_and_the_same_trees_in_other_bytes_are_not(
    sides: tuple[Path, Path],
) -> None:
    booster_with(sides[1], lambda _: None)
    assert compare(*sides) == []

    def change(tree: dict[str, Any]) -> None:
        tree["split_indices"][0] += 1

    booster_with(sides[1], change)
    (said,) = compare(*sides)
    assert place_in(said) == "learner.gradient_booster.model.trees[0].split_indices[0]"


def test_another_leaf_is_told_with_its_difference(sides: tuple[Path, Path]) -> None:
    def change(tree: dict[str, Any]) -> None:
        tree["split_conditions"][-1] += 0.25

    booster_with(sides[1], change)
    (said,) = compare(*sides)
    assert said.endswith(", 2.5e-01 apart.")


def place_in(said: str) -> str:
    file, rest = said.split(": ")
    assert file == BOOSTER
    return rest.split(" is ")[0]


def test_a_file_that_is_missing_new_or_no_json_is_told(sides: tuple[Path, Path]) -> None:
    (sides[1] / "result.json").unlink()
    (sides[1] / "artifact" / "stars.json").write_text("[")
    (sides[1] / "artifact" / "more.json").write_text("{}")
    (sides[1] / BOOSTER).write_bytes(b"rubbish")
    with_right_digests(sides[1])
    said = compare(*sides)
    assert "result.json is carried and was not written." in said
    assert "artifact/more.json was written and is not carried." in said
    assert "artifact/stars.json has other bytes." in said
    assert f"{BOOSTER} has other bytes." in said

"""What was measured of stars before a job was killed is taken up, and nothing that is stale."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.lightcurves.bundles.batches import batches
from mlcore.lightcurves.bundles.bundle import Bundle, bundle_in
from mlcore.lightcurves.bundles.kept import key_of, measured_by
from mlcore.lightcurves.bundles.measuring import measure_bundle, notes_of
from mlcore.lightcurves.bundles.parts import Parts, parts_in
from mlcore.lightcurves.catalogues.carried import carried_rows
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.record_files import SIGNALS, STARS
from tests.mlcore.lightcurves.bundles.made_files import TOO_FEW, csv_of, zipped
from tests.mlcore.lightcurves.catalogues.made_rows import ROW, catalogue

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = (KnownSignal(period=2.1, epoch=132.2, duration=2.88),)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    members: dict[str, bytes | str] = {
        f"{name}.csv": csv_of(seed=n) for n, name in enumerate("acd")
    }
    path = tmp_path_factory.mktemp("upload") / "upload"
    return bundle_in(zipped(path, members | {"b.csv": TOO_FEW}), "a.zip")


def measure(bundle: Bundle, folder: Path, parts: Parts | None) -> list[str]:
    """Measure all stars and return what was told."""
    folder.mkdir()
    told: list[str] = []
    measure_bundle(
        bundle,
        folder / "table",
        folder,
        parts=parts,
        progress=lambda _, step: told.append(step),
    )
    return told


def searched(told: list[str]) -> set[str]:
    """Return the stars that steps are of."""
    return {found[1] for step in told if (found := re.search(r"curves: (\w), star", step))}


@pytest.fixture(scope="module")
def undisturbed(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured") / "undisturbed"
    assert searched(measure(bundle, folder, None)) == {"a", "b", "c", "d"}
    return folder


def assert_same(one: Path, other: Path) -> None:
    for name in ("table", STARS, SIGNALS):
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_after_a_kill_only_what_was_not_done_is_measured_to_the_same_bits(
    bundle: Bundle, undisturbed: Path, tmp_path: Path
) -> None:
    def stop(_: float, step: str) -> None:
        if ": c, star 3 of 4" in step:
            raise KeyboardInterrupt

    (tmp_path / "a").mkdir()
    parts = parts_in(tmp_path / "parts")
    with pytest.raises(KeyboardInterrupt):
        measure_bundle(bundle, tmp_path / "a" / "table", tmp_path / "a", parts=parts, progress=stop)
    assert len(list(parts.folder.glob("*/*.json"))) == 2
    told = measure(bundle, tmp_path / "b", parts_in(parts.folder))
    assert searched(told) == {"c", "d"}
    assert all("; 2 stars kept from before" in step for step in told if ", star " in step)
    assert_same(tmp_path / "b", undisturbed)
    # And when everything was done, and two of them are damaged.
    paths = sorted(parts.folder.glob("*/*.json"))
    assert len(paths) == 4
    paths[0].write_bytes(paths[0].read_bytes()[:-10])
    paths[1].write_text("{}")
    assert searched(measure(bundle, tmp_path / "c", parts)) == set()
    assert_same(tmp_path / "c", undisturbed)


def test_without_a_place_to_keep_it_everything_is_measured_all_the_same(
    bundle: Bundle, undisturbed: Path, tmp_path: Path
) -> None:
    parts = parts_in(tmp_path / "parts")
    parts.remove()
    # A file where the folder was.
    parts.folder.write_text("")
    measure(bundle, tmp_path / "a", parts)
    assert_same(tmp_path / "a", undisturbed)


def test_a_worker_that_sees_another_folder_has_its_stars_kept_by_whoever_asked(
    bundle: Bundle, undisturbed: Path, tmp_path: Path
) -> None:
    parts = replace(parts_in(tmp_path / "parts"), mark="of another run")
    measure(bundle, tmp_path / "a", parts)
    assert len(list(parts.folder.glob("*/*.json"))) == 4
    assert_same(tmp_path / "a", undisturbed)


def test_a_star_s_result_counts_for_the_same_bytes_names_and_known_signals_alone(
    bundle: Bundle,
) -> None:
    star = bundle.stars[0]
    contents = bundle.contents(star)
    first = key_of(star, contents, ())
    assert key_of(replace(star), tuple(contents), []) == first
    (name, content), *_ = contents
    others = [
        key_of(star, ((name, content + b"\n"),), ()),
        key_of(replace(star, name="e"), contents, ()),
        key_of(star, contents, KNOWN),
        key_of(star, contents, [replace(KNOWN[0], period=2.2)]),
        key_of(star, "The archive is damaged where this light curve is.", ()),
    ]
    assert len({first, *others}) == 6


def test_what_is_kept_counts_for_the_same_rows_of_catalogues_alone(bundle: Bundle) -> None:
    star = bundle.stars[0]
    contents = bundle.contents(star)
    rows, others = catalogue(ROW), catalogue(replace(ROW, disposition="candidate"))
    again = pickle.loads(pickle.dumps(rows))
    assert measured_by(rows) == measured_by(again) != measured_by(others)
    assert measured_by() != measured_by(rows)
    assert key_of(star, contents, (), rows=rows) != key_of(star, contents, ())
    assert again.of_star(ROW.star) == (ROW,)
    # Whoever has the package has the carried rows.
    assert pickle.loads(pickle.dumps(carried_rows())) is carried_rows()


def test_stars_that_are_left_out_are_told_of_while_others_are_searched(
    bundle: Bundle, undisturbed: Path, tmp_path: Path
) -> None:
    told = measure(bundle, tmp_path / "a", None)
    (left_out,) = [step for step in told if step.startswith("Left out")]
    assert left_out.startswith("Left out b.csv. The light curve has 3 points")
    assert notes_of(tmp_path / "a" / "table")[0].endswith(left_out.removeprefix("Left out b.csv. "))


def test_numbers_are_kept_to_the_bit(tmp_path: Path) -> None:
    parts = parts_in(tmp_path / "parts")
    numbers = [0.1 + 0.2, -0.0, 1e-320, float("inf"), float("nan"), 2**53 + 1]
    parts.keep("abc", {"numbers": numbers, "table": pd.Series([1, 2]).max()})
    found = parts.read("abc")
    assert found is not None
    assert list(map(repr, found["numbers"])) == list(map(repr, numbers))
    assert json.dumps(found["table"]) == "2"


def test_a_batch_ends_with_the_file_that_makes_it_too_large(bundle: Bundle) -> None:
    def sizes(**limits: int) -> list[int]:
        return [len(batch) for batch in batches(bundle, bundle.stars, **limits)]

    assert sizes() == [4]
    assert sizes(most=3) == [3, 1]
    assert sizes(most_bytes=1) == [1, 1, 1, 1]
    # One that is as large as may be, and a small one that makes it larger.
    assert sizes(most_bytes=len(csv_of())) == [2, 2]


def test_a_file_that_is_gone_meanwhile_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(csv_of())
    gone = bundle_in(path, "a.csv")
    path.unlink()
    ((_, contents),) = next(batches(gone, gone.stars))
    assert contents == "It cannot be read: No such file or directory."

"""`manage.py benchmark science` on a few hundred real rows of each table."""

from __future__ import annotations

import io
import itertools
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from django.core.management import CommandError, call_command

from exoplanet.environment import BASE_DIR
from mlcore.benchmark import BenchmarkRow, as_markdown
from mlcore.datasets.readers.read import read_frame
from tests.archive_tables import ARCHIVED, as_csv, whole
from tests.mlcore.datasets.missions.made_events import events, events_file, robovetter_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

DOCUMENT = BASE_DIR / "docs" / "reference" / "science.md"
RELATIVE = 7 * 2 * 3 + 5
"""Lines whose bar is another figure of the same run, less a little."""
LINES = 28 + RELATIVE
STARS = {"kepler": 500, "k2": 250, "tess": 400}
"""How many of each mission's stars there are."""

BARS = [
    ("KOI, planet against false positive", "default", "roc_auc", ">=", 0.992),
    ("KOI, planet against false positive", "default", "recall_at_99_precision", ">=", 0.73),
    ("KOI treated by DR25", "wide", "roc_auc", ">=", 0.998),
    ("KOI treated by DR25", "wide", "recall_at_99_precision", ">=", 0.955),
    ("KOI, three dispositions", "default", "f1", ">=", 0.785),
    ("TOI, planet against false positive", "values", "roc_auc", ">=", 0.952),
    ("TOI, planet against false positive", "values", "expected_calibration_error", "<=", 0.02),
    ("KOI → TOI", "harmonised", "roc_auc", ">=", 0.878),
    ("TOI → KOI", "harmonised", "roc_auc", ">=", 0.946),
    ("Candidates of 2017", "default", "roc_auc", ">=", 0.96),
    ("Candidates of 2017", "default", "expected_calibration_error", "<=", 0.05),
    ("Candidates of 2017", "wide", "roc_auc", ">=", 0.979),
    ("Candidates of 2017", "wide", "expected_calibration_error", "<=", 0.03),
    ("TCE", "strict", "roc_auc", ">=", 0.9996),
    ("TCE", "strict", "recall_at_99_precision", ">=", 0.936),
    ("TCE", "less the model alone", "average_precision", ">=", 0.0),
    ("TCE", "less the score alone", "average_precision", ">=", 0.0),
]
"""What the figures were asked to reach, in the order in which it was asked."""


def some_stars(table: pd.DataFrame, mission: str) -> pd.DataFrame:
    hosts = table[ARCHIVED[mission].host].astype(str)
    chosen = sorted(set(hosts), key=backwards)[: STARS[mission]]
    return table[hosts.isin(chosen)]


def backwards(host: str) -> str:
    """Return what orders stars as if by chance, but the same in every table of a mission."""
    return host[::-1]


@pytest.fixture(scope="module")
def small_tables(archive_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for mission in ARCHIVED:
        cut = some_stars(whole(archive_dir, mission), mission)
        (folder / f"{mission}.csv").write_bytes(as_csv(cut))
    for name in ("koi_cumulative_2025_reconstructed139.csv.gz", "q1_q17_dr25_koi_2017.*.tbl.gz"):
        (path,) = archive_dir.glob(name)
        cut = some_stars(read_frame(path).frame, "kepler")
        (folder / f"{path.name.split('.')[0]}.csv").write_bytes(as_csv(cut))
    frame = events(600)
    events_file(folder / "events.csv", frame)
    robovetter_file(folder / "robovetter.csv", frame)
    return folder


@pytest.fixture(scope="module")
def objects(small_tables: Path) -> list[dict[str, Any]]:
    """Return what `--json` prints, read by a parser that knows no NaN."""
    return json.loads(printed(small_tables, json=True), parse_constant=refuse)


def refuse(word: str) -> NoReturn:
    pytest.fail(f"{word} is not JSON")


def printed(folder: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command(
        "benchmark",
        "science",
        folder=folder,
        quick=True,
        stdout=out,
        stderr=io.StringIO(),
        **options,
    )
    return out.getvalue()


@pytest.mark.long
def test_every_figure_is_measured_with_an_interval_around_it(objects: list[dict[str, Any]]) -> None:
    assert len(objects) == LINES
    for line in objects:
        fields = ["task", "features", "metric", "value", "interval", "bar", "holds"]
        assert list(line)[: len(fields)] == fields
        low, high = line["interval"]
        # A difference may be below nothing.
        least = -1 if "-less-" in line["name"] else 0
        assert least <= low <= line["value"] <= high <= 1
        assert line["rows"] > 20


@pytest.mark.long
def test_the_lines_are_held_to_the_bars_that_were_asked_for(objects: list[dict[str, Any]]) -> None:
    beside = [line for line in objects if line["note"].startswith("The bar is")]
    assert len(beside) == RELATIVE
    with_bar = [line for line in objects if line["bar"] is not None and line not in beside]
    for line, (task, features, metric, sign, bar) in zip(with_bar, BARS, strict=True):
        assert line["task"].startswith(task)
        assert features in line["features"]
        assert (line["metric"], line["bar"]) == (metric, bar)
        assert line["at_most"] is (sign == "<=")
        assert line["holds"] is (line["value"] <= bar if line["at_most"] else line["value"] >= bar)
    barless = [(line["name"], line["metric"]) for line in objects if line["bar"] is None]
    assert barless == [
        ("kepler-disposition", "accuracy"),
        ("k2", "roc_auc"),
        ("k2-missingness", "roc_auc"),
        ("tce", "average_precision"),
        *(("tce-robovetter-score", name) for name in ("roc_auc", "average_precision")),
        *(("tce-robovetter-disposition", name) for name in ("precision", "recall")),
        *(
            ("tce-with-robovetter", name)
            for name in ("average_precision", "roc_auc", "recall_at_99_precision")
        ),
    ]


@pytest.mark.long
def test_a_script_finds_each_line_by_its_name_and_metric(objects: list[dict[str, Any]]) -> None:
    names = [(line["name"], line["metric"]) for line in objects]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name, _ in names)


@pytest.mark.long
def test_the_documentation_has_exactly_the_lines_that_are_printed(
    objects: list[dict[str, Any]],
) -> None:
    block = re.search(
        r"<!-- science -->\n(.*?)<!-- /science -->", DOCUMENT.read_text("utf-8"), re.DOTALL
    )
    assert block is not None
    fields = set(BenchmarkRow.__dataclass_fields__)
    rows = [BenchmarkRow(**{name: row[name] for name in fields}) for row in objects]
    ours = as_markdown(rows).splitlines()
    beside = [False, False, *(row.note.startswith("The bar is") for row in rows)]
    documented = block[1].splitlines()
    assert len(documented) == len(ours)
    for here, there, measured in itertools.zip_longest(ours, documented, beside):
        assert masked(there, bar=not measured) == masked(here, bar=not measured)


def test_what_the_documentation_says_of_each_bar_follows_from_its_figure() -> None:
    rows = re.findall(
        r"^\| .* \| (\d\.\d{4}) \((\d\.\d{4}) to (\d\.\d{4})\) \| ([≥≤]) ([\d.]+) \| (.*?) \|$",
        DOCUMENT.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == len(BARS) + RELATIVE
    for value, low, high, sign, bar, verdict in rows:
        assert float(low) <= float(value) <= float(high)
        kept = float(value) >= float(bar) if sign == "≥" else float(value) <= float(bar)
        # A figure that is printed as its bar may lie a little to either side of it.
        assert float(value) == float(bar) or verdict == ("holds" if kept else "**missed**")


def masked(line: str, *, bar: bool) -> str:
    """Return a line of the table without what was measured, and what a quick run has less of."""
    cells = re.sub(r"\d+ seconds", "some seconds", line).split(" | ")
    if len(cells) < 7 or not cells[2].isdigit():
        return line
    return " | ".join([*cells[:2], "rows", cells[3], "figure", cells[5] if bar else "bar"])


def test_a_folder_without_tables_measures_what_it_can_and_says_what_it_lacks(
    tmp_path: Path,
) -> None:
    lines = printed(tmp_path).splitlines()
    assert sum("| not measured |" in line for line in lines) == LINES
    assert any("Not measured: the folder lacks the TESS table toi." in line for line in lines)


def test_without_a_folder_it_says_how_to_name_one(settings: Any) -> None:
    settings.EXOPLANET_ARCHIVE_DIR = None
    with pytest.raises(CommandError, match=r"^Name the folder with the archive's tables by"):
        call_command("benchmark", "science")


@pytest.mark.long
def test_one_benchmark_is_measured_alone_where_it_is_named(tmp_path: Path) -> None:
    frame = events(300)
    events_file(tmp_path / "events.csv", frame)
    robovetter_file(tmp_path / "robovetter.csv", frame)
    rows = json.loads(
        printed(tmp_path, json=True, only=["threshold-crossing events"]), parse_constant=refuse
    )
    assert {row["name"].split("-")[0] for row in rows} == {"tce"}
    assert len(rows) == 12
    assert all(row["value"] is not None and row["rows"] == 300 for row in rows)


@pytest.mark.long
def test_without_the_robovetters_words_the_model_is_measured_alone(tmp_path: Path) -> None:
    events_file(tmp_path / "events.csv", events(300))
    rows = json.loads(
        printed(tmp_path, json=True, only=["threshold-crossing events"]), parse_constant=refuse
    )
    assert [row["name"] for row in rows if row["value"] is not None] == ["tce"] * 3
    assert "with the Robovetter's words" in rows[-1]["note"]

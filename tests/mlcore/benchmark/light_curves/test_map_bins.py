"""The maps of completeness and reliability."""

from __future__ import annotations

import numpy as np

from mlcore.benchmark.light_curves.map_bins import DEPTH, PERIOD, Measured, cells
from mlcore.benchmark.rows import BenchmarkRow, as_markdown


def test_each_signal_is_in_one_cell_of_each_map() -> None:
    generator = np.random.default_rng(0)
    signals = Measured(
        period=generator.uniform(0.5, 40, 100),
        depth=generator.uniform(50, 9000, 100),
        duration=generator.uniform(1, 12, 100),
    )
    inside = np.array([cell.inside[0] for cell in cells(signals)])
    assert inside.shape == (32, 100)
    assert (inside.sum(axis=0) == 2).all()
    assert len({cell.name for cell in cells(signals)}) == 32


def test_bins_are_called_by_their_edges_and_hold_their_lower_one() -> None:
    assert PERIOD.words == ("period below 2 d", "2 to 6 d", "6 to 15 d", "above 15 d")
    assert DEPTH.of(np.array([299.0, 300.0, 5000.0])).tolist() == [0, 1, 3]


def test_a_map_is_printed_below_the_table_with_how_many_each_cell_is_of() -> None:
    def row(name: str, value: float | None, cell: tuple[str, str] | None) -> BenchmarkRow:
        return BenchmarkRow(
            name=name,
            task="A map" if cell else "All",
            features="",
            metric="completeness",
            value=value,
            interval=None,
            rows=7,
            cell=cell,
        )

    rows = [row("all", 0.5, None), row("a", 0.25, ("deep", "short")), row("b", None, ("deep", "x"))]
    table, words, grid = as_markdown(rows).split("\n\n")
    assert len(table.splitlines()) == 3
    assert words == "A map: share found and called likely planet (of how many)"
    assert grid.splitlines() == [
        "| | short | x |",
        "|---|---|---|",
        "| deep | 0.2500 (7) | – (7) |",
    ]

"""Make the carried table of catalogue rows again.

``python -m mlcore.benchmark.light_curves.carry_rows TABLES``: of the archive's tables in a folder.
What the recipe says of a row comes from models that were fitted on other stars.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.benchmark.light_curves.combined import curve_chances
from mlcore.benchmark.light_curves.row_chances import fitted_weights, kepler_chances, row_chances
from mlcore.benchmark.light_curves.vetted import MeasuredSignal, as_rows
from mlcore.benchmark.protocol import FULL, Effort
from mlcore.benchmark.tables import tables_in_folder
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES, MEASURED_SIGNALS
from mlcore.datasets.missions.light_curves.registry import declared
from mlcore.datasets.object_names import Catalogue
from mlcore.lightcurves.catalogues.carried import CARRIED_ROWS, WEIGHTS_KEY
from mlcore.lightcurves.catalogues.table_rows import STAR_NUMBERS, rows_of_table
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.lightcurves.catalogues.together import Weights

__all__ = ["catalogue_rows", "weights_of", "write_rows"]

_EFFORT = replace(FULL, seeds=(0,))
"""What is fitted for the table: once, as a probability of one model is what a user gets."""
_OF_CURVES = {"kepler": "at the catalogue's ephemeris", "tess": "as a binned fold"}
"""By which carried signals the weights of a mission are fitted."""
_BESIDE = "as a binned fold"


def main() -> int:
    """Score all rows, fit the weights and write both."""
    parser = argparse.ArgumentParser(description="Make the carried table of rows again.")
    parser.add_argument("tables", type=Path, help="folder with the archive's tables")
    parser.add_argument("--output", type=Path, default=CARRIED_ROWS)
    options = parser.parse_args()
    frame = catalogue_rows(tables_in_folder(options.tables), _EFFORT)
    sys.stderr.write("scored all rows\n")
    write_rows(frame, weights_of(frame, _EFFORT), options.output)
    digest = hashlib.sha256(options.output.read_bytes()).hexdigest()
    sys.stdout.write(f"{digest}  {len(frame)} rows, {options.output.stat().st_size} bytes\n")
    return 0


def catalogue_rows(tables: BenchmarkTables, effort: Effort) -> pd.DataFrame:
    """Return what is carried of each row: name, star, ephemeris, place, what the recipe says.

    Parameters
    ----------
    tables
        Those of Kepler, K2 and TESS, as far as there are.
    effort
        What is fitted; what is said is the mean over its seeds, in log-odds.
    """
    parts = []
    for mission, table in (("kepler", tables.kepler), ("k2", tables.k2), ("tess", tables.tess)):
        if table is None:
            continue
        chances = [
            kepler_chances(tables, seed, effort)[1]
            if mission == "kepler"
            else row_chances(table, seed, effort)
            for seed in effort.seeds
        ]
        sys.stderr.write(f"scored {mission}\n")
        logits = [
            [np.log(one[name] / (1 - one[name])) for name in map(str, table.names)]
            for one in chances
        ]
        planet = (1 / (1 + np.exp(-np.mean(logits, axis=0)))).astype("float32")
        parts.append(rows_of_table(table).assign(planet=planet))
    return pd.concat(parts, ignore_index=True)


def weights_of(frame: pd.DataFrame, effort: Effort) -> dict[str, Weights]:
    """Fit how much curve and row count, by mission, on the carried signals of light curves.

    Of Kepler they are 127 days of curves, of TESS folds that somebody else made; K2 has none.
    """
    signals = pd.read_parquet(MEASURED_SIGNALS.path)
    fitted = {}
    for mission, origin in _OF_CURVES.items():
        star = str(STAR_NUMBERS[mission])
        own = _signals(signals, star, origin)
        others = _signals(signals, str(Catalogue.KIC), _BESIDE)
        said = frame[frame["mission"] == mission].set_index("name")["planet"]
        own = [signal for signal in own if signal.name in said.index]
        rows = as_rows(own)
        curve = np.mean(
            [curve_chances(rows, others, seed, effort) for seed in effort.seeds], axis=0
        )
        row = said[[signal.name for signal in own]].to_numpy(dtype=np.float64)
        fitted[mission] = fitted_weights(curve, row, rows.labels, rows.hosts)
    return fitted


def write_rows(frame: pd.DataFrame, weights: dict[str, Weights], path: Path) -> None:
    """Write rows and weights, always the same bytes for one version of pyarrow."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    told = json.dumps({mission: asdict(one) for mission, one in weights.items()}, sort_keys=True)
    arrow = arrow.replace_schema_metadata({WEIGHTS_KEY: told.encode()})
    pq.write_table(
        arrow, path, compression="zstd", compression_level=19, use_dictionary=["mission"]
    )


def _signals(signals: pd.DataFrame, star: str, origin: str) -> list[MeasuredSignal]:
    """Return the decided ones of an origin, of a catalogue's stars."""
    chosen = signals[(signals["origin"] == origin) & signals["star"].str.startswith(f"{star} ")]
    names = [column.name for column in declared() if column.name in chosen]
    labels = [LIGHT_CURVES.labels.get(word) for word in chosen["disposition"]]
    return [
        MeasuredSignal(
            host=host,
            name=called.partition(",")[0],
            label=label,
            values=dict(zip(names, values, strict=True)),
        )
        for host, called, label, values in zip(
            chosen["star"],
            chosen["signal"],
            labels,
            chosen[names].to_numpy(dtype=np.float64).tolist(),
            strict=True,
        )
        if label in VETTING.classes
    ]


if __name__ == "__main__":
    sys.exit(main())

"""A run over the light curves of a folder, which can be killed and goes on where it was."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mlcore.computed import NOTHING_KEPT, fingerprint
from mlcore.errors import DataError
from mlcore.jobs.catalogues import judge_by, vetting_model
from mlcore.lightcurves.bundles.batches import AT_ONCE, batches
from mlcore.lightcurves.bundles.folder import bundle_of_folder
from mlcore.lightcurves.bundles.kept import measured_by
from mlcore.lightcurves.bundles.parts import parts_beside
from mlcore.lightcurves.catalogues.loaded import newest_catalogues
from mlcore.many_curves.star import judging, vetted_star
from mlcore.many_curves.table import (
    LeftOut,
    check_format,
    left_out_beside,
    write_left_out,
    write_rows,
)
from mlcore.parallel import ONE_CORE, run_all
from mlcore.prediction.table_formats.described import Fact
from mlcore.pretrained.load import carried_names, load_published, model_files
from mlcore.pretrained.vetting import LIGHT_CURVE_MODEL
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mlcore.computed import Computed
    from mlcore.lightcurves.bundles.batches import Contents
    from mlcore.lightcurves.bundles.bundle import Bundle, StarFiles
    from mlcore.lightcurves.bundles.parts import Parts
    from mlcore.lightcurves.catalogues.loaded import LoadedTable
    from mlcore.many_curves.star import VettedStar
    from mlcore.models.trained_model import TrainedModel
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["Vetted", "vet_folder"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vetted:
    """What came of a folder."""

    stars: int
    """How many there are."""
    resumed: int
    """Of how many the result was there from a run before."""
    left_out: int
    """How many could not be used."""
    untested: int
    """How many known signals of the others could not be tested."""
    signals: int
    """Rows of the table."""
    looked_up_in: str
    """Which catalogues, as a sentence."""


def vet_folder(
    folder: Path,
    table: Path,
    *,
    model: str = LIGHT_CURVE_MODEL,
    loaded: Sequence[LoadedTable] = (),
    computed: Computed = NOTHING_KEPT,
    at_once: int = AT_ONCE,
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
) -> Vetted:
    """Search, vet and judge all light curves of a folder, and write a table of their signals.

    Each star's result is kept in a folder beside the table as soon as it is there, under what it
    follows from: the star's files by name, size and time of change, the code and the model. A run
    that was killed goes on from them; when the table is written they are removed.

    Parameters
    ----------
    folder
        With the light curves, also in folders within it.
    table
        Where to write the signals, in the format that the suffix says; stars that could not be used
        are listed beside it, see `left_out_beside`.
    model
        A carried model's name, or the folder of a saved one.
    loaded
        Tables of missions in which signals are looked up, in place of the carried rows.
    computed
        Where these tables may be kept as they were read and checked.
    at_once
        Stars whose files and results are held at the same time; with many workers some for each.
    cores
        Where to find free ones, and which cluster there is.
    progress
        Called with the fraction of the stars that are done, and what is done next.

    Raises
    ------
    DataError
        When no star's curve can be used, the folder has none, or the table cannot be written so.
    ArtifactError
        When there is no such model.
    """
    check_format(table)
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.")
    if table.resolve().is_relative_to(folder.resolve()):
        raise DataError("The table would lie among the light curves: write it somewhere else.")
    bundle = bundle_of_folder(folder)
    judging(model)
    catalogues = newest_catalogues(
        loaded, judge=judge_by(_vets, computed=computed), computed=computed
    )
    said_by = fingerprint(measured_by(catalogues.rows), model_files(model))
    with parts_beside(table) as parts:
        left = [star for star in bundle.stars if not parts.has(_key(bundle, star, said_by))]
        resumed = len(bundle.stars) - len(left)
        begin = resumed
        for batch in batches(bundle, left, most=at_once):

            def told(done: float, step: str, *, begin: int = begin, size: int = len(batch)) -> None:
                progress((begin + done * size) / len(bundle.stars), step)

            _vet(
                bundle,
                batch,
                parts,
                said_by,
                partial(vetted_star, model=model, rows=catalogues.rows),
                cores,
                told,
            )
            begin += len(batch)
        keys = [_key(bundle, star, said_by) for star in bundle.stars]
        refused, untested = write_left_out(
            (reason for one in _results(parts, keys) for reason in _reasons(one)),
            left_out_beside(table),
        )
        if refused == len(keys):
            first = next(_results(parts, keys))
            parts.remove()
            raise DataError(
                f"None of the {len(keys)} light curves can be used. {first['files'][:60]}:"
                f" {first['refusal']}"
            )
        facts = [
            Fact(name="model", keyword="MODEL", value=model),
            Fact(name="catalogues", keyword="CATALOG", value=catalogues.said),
        ]
        rows = (row for one in _results(parts, keys) for row in one["rows"])
        signals = write_rows(rows, table, facts)
        parts.remove()
    return Vetted(
        stars=len(keys),
        resumed=resumed,
        left_out=refused,
        untested=untested,
        signals=signals,
        looked_up_in=catalogues.said,
    )


def _vets(mission: str) -> tuple[str, TrainedModel] | None:
    """Return the carried model that vets a mission's objects."""
    name = vetting_model(mission)
    return (name, load_published(name)) if name in carried_names() else None


def _vet(
    bundle: Bundle,
    stars: Sequence[tuple[StarFiles, Contents]],
    parts: Parts,
    said_by: str,
    vetted_by: Callable[..., VettedStar],
    cores: Cores,
    progress: ProgressCallback,
) -> None:
    keys = [_key(bundle, star, said_by) for star, _ in stars]
    calls = [
        partial(vetted_by, *one, keep=(parts, key)) for one, key in zip(stars, keys, strict=True)
    ]
    vetted = run_all(calls, [star.name for star, _ in stars], cores=cores, progress=progress)
    for key, one in zip(keys, vetted, strict=True):
        # A worker of another host may not have seen the folder.
        if not parts.has(key):
            parts.keep(key, asdict(one))


def _key(bundle: Bundle, star: StarFiles, said_by: str) -> str:
    """Return what a star's result follows from, as a word."""
    states = [(bundle.path / name).stat() for name in star.files]
    return fingerprint(
        said_by,
        star.name,
        list(star.files),
        [state.st_size for state in states],
        [state.st_mtime_ns for state in states],
        [repr(row) for row in star.listed],
    )


def _reasons(vetted: dict[str, Any]) -> Iterator[LeftOut]:
    """Yield why a star, or known signals of it, are not in the table."""
    star, files = vetted["star"], vetted["files"]
    if vetted["refusal"]:
        yield LeftOut(star=star, files=files, reason=vetted["refusal"], of_star=True)
    for why in vetted["untested"]:
        yield LeftOut(star=star, files=files, reason=why, of_star=False)


def _results(parts: Parts, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield all results in the order of the stars, from the files."""
    for key in keys:
        found = parts.read(key)
        if found is None:
            raise DataError(
                "A result of a star is damaged or was removed. Run the same command again."
            )
        yield found

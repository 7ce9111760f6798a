"""Stars that are measured by workers are kept star by star, and none is measured twice."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from exoplanet.environment import BASE_DIR
from mlcore.lightcurves.bundles.bundle import bundle_in
from mlcore.lightcurves.bundles.measuring import measure_bundle, measured_stars
from mlcore.lightcurves.bundles.parts import parts_in
from mlcore.lightcurves.record_files import SIGNALS, STARS
from mlcore.parallel import ONE_CORE
from tests.mlcore.lightcurves.bundles.made_files import TOO_FEW, csv_of, zipped
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.lightcurves.bundles.bundle import Bundle
    from mlcore.lightcurves.bundles.parts import Parts
    from mlcore.parallel import Cores

pytest.importorskip("distributed", reason="the optional extra dask is not installed")


def bundle_of(folder: Path, stars: int) -> Bundle:
    members = {f"star {place}.csv": csv_of(seed=place, days=8) for place in range(stars)}
    return bundle_in(zipped(folder / "curves", {"few.csv": TOO_FEW, **members}), "curves.zip")


def measured(
    bundle: Bundle, folder: Path, *, parts: Parts | None = None, cores: Cores = ONE_CORE
) -> tuple[list[bytes], list[str]]:
    """Return the files of what is measured of a bundle, and what was told meanwhile."""
    folder.mkdir()
    told: list[str] = []

    def tell(_: float, step: str) -> None:
        told.append(step)

    measure_bundle(bundle, folder / "table", folder, parts=parts, cores=cores, progress=tell)
    return [(folder / name).read_bytes() for name in ("table", STARS, SIGNALS)], told


def kept_in(parts: Parts) -> int:
    return len(list(parts.folder.glob("*/*.json")))


def test_stars_that_workers_measure_are_kept_and_taken_up_to_the_same_bits(
    one_thread: Cores, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = bundle_of(tmp_path, 3)
    here, _ = measured(bundle, tmp_path / "here")
    parts = parts_in(tmp_path / "parts")
    # An attempt that came to the first two.
    list(measured_stars(bundle, parts=parts, cores=one_thread, stars=bundle.stars[:2]))
    assert kept_in(parts) == 2
    there, told = measured(bundle, tmp_path / "a", parts=parts_in(parts.folder), cores=one_thread)
    assert there == here
    assert kept_in(parts) == 4
    steps = [step for step in told if ", star " in step]
    assert steps
    assert all("of 4; 2 stars kept from before" in step for step in steps)
    # And when all of them are there nobody is asked.
    again, told = measured(bundle, tmp_path / "b", parts=parts, cores=one_thread)
    assert again == here
    assert [step for step in told if ", star " in step] == []
    assert "made on this machine" not in caplog.text


@pytest.mark.long
def test_stars_that_workers_measured_for_a_job_that_was_killed_are_not_measured_again(
    two_workers: Cores, tmp_path: Path
) -> None:
    bundle = bundle_of(tmp_path, 30)
    parts = parts_in(tmp_path / "parts")
    job = textwrap.dedent(f"""
        from pathlib import Path
        from mlcore.lightcurves.bundles.bundle import bundle_in
        from mlcore.lightcurves.bundles.measuring import measured_stars
        from mlcore.lightcurves.bundles.parts import parts_in
        from mlcore.parallel import Cores
        bundle = bundle_in(Path({str(bundle.path)!r}), "curves.zip")
        cores = Cores(dask={two_workers.dask!r})
        list(measured_stars(bundle, parts=parts_in(Path({str(parts.folder)!r})), cores=cores))
    """)
    with subprocess.Popen([sys.executable, "-c", job], cwd=BASE_DIR) as process:
        wait_until(lambda: kept_in(parts) >= 4, seconds=300)
        process.kill()
    kept = kept_in(parts)
    assert kept < 31
    there, told = measured(
        bundle, tmp_path / "there", parts=parts_in(parts.folder), cores=two_workers
    )
    # A worker may have come to the end of a star meanwhile.
    assert any("kept from before" in step for step in told)
    assert there == measured(bundle, tmp_path / "here")[0]
    assert kept_in(parts) == 31

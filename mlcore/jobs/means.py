"""What a job may use of its machine, as its run carries it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.computed import NOTHING_KEPT, Computed, code_version
from mlcore.jobs.messages import Means
from mlcore.parallel import ONE_CORE, Cores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcore.run import RunContext

__all__ = ["computed_by", "with_means"]

# Read where the code is loaded: what lies on the disk later may be of another version.
code_version()


@contextmanager
def with_means(run: RunContext, means: Mapping[str, Any], *, kept: bool) -> Iterator[RunContext]:
    """Provide a run with what a job may use, and hold a core for it meanwhile.

    Parameters
    ----------
    run
        The job's run.
    means
        The fields of `Means`.
    kept
        Whether what it computes of its rows may be kept: they are a snapshot's, not a user's.
    """
    given = Means(**means)
    cores = ONE_CORE
    if given.cores is not None:
        cores = Cores(
            folder=Path(given.cores), count=given.core_count, memory_bytes=given.memory_bytes
        )
    cores = replace(cores, dask=given.dask)
    with cores.held():
        yield replace(run, cores=cores, computed=computed_by(means) if kept else NOTHING_KEPT)


def computed_by(means: Mapping[str, Any]) -> Computed:
    """Return where jobs with such means keep what is the same for every model on a snapshot."""
    folder = Means(**means).computed
    return NOTHING_KEPT if folder is None else Computed(Path(folder))

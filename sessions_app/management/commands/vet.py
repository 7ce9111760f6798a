"""Search, vet and judge the light curves of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from mlcore.errors import MlcoreError
from mlcore.in_words import counted
from mlcore.lightcurves.bundles.batches import AT_ONCE
from mlcore.lightcurves.catalogues.loaded import LoadedTable
from mlcore.many_curves import vet_folder
from mlcore.many_curves.table import FORMATS, left_out_beside
from mlcore.parallel import Cores
from mlcore.pretrained.vetting import LIGHT_CURVE_MODEL
from sessions_app import services
from sessions_app.execution.catalogues import table_told
from sessions_app.files import storage
from sessions_app.management.store_errors import store_errors_in_words

if TYPE_CHECKING:
    from argparse import ArgumentParser

_STOPPED = 130
"""What a shell calls a command that Ctrl-C ended."""
_NO_DATABASE = (
    "The database does not answer which catalogues are loaded: those that the package carries are"
    " used."
)


class Command(BaseCommand):
    help = (
        "Search all light curves of a folder for transits, vet each signal and have a model judge"
        " it. A run that was stopped or killed goes on where it was when it is started again."
    )

    _told = ""
    """The star that was told of last."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="of light curves, a file or more a star")
        parser.add_argument(
            "--out", type=Path, required=True, help=f"the table to write: {', '.join(FORMATS)}"
        )
        parser.add_argument(
            "--model",
            default=LIGHT_CURVE_MODEL,
            help="a carried model's name, or the folder of a saved one",
        )
        parser.add_argument(
            "--cores",
            type=int,
            default=settings.EXOPLANET_CORES,
            help="of this machine, as far as no session uses them (default: %(default)s)",
        )
        parser.add_argument(
            "--at-once",
            type=int,
            default=AT_ONCE,
            help="stars held in memory; some for each core or worker (default: %(default)s)",
        )

    def handle(self, **options: Any) -> None:
        if options["cores"] < 1 or options["at_once"] < 1:
            raise CommandError("--cores and --at-once are at least 1.")
        table: Path = options["out"]
        cores = Cores(
            folder=storage.cores_folder(), count=options["cores"], dask=settings.EXOPLANET_DASK
        )
        loaded = self._loaded()
        try:
            with cores.held():
                vetted = vet_folder(
                    options["folder"],
                    table,
                    model=options["model"],
                    loaded=loaded,
                    at_once=options["at_once"],
                    cores=cores,
                    progress=self._tell,
                )
        except MlcoreError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{table} is not written: {error}.") from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. The same command goes on where it was.", returncode=_STOPPED
            ) from None
        before = f", {vetted.resumed} of them from before" if vetted.resumed else ""
        self.stdout.write(f"{vetted.signals} signals of {vetted.stars} stars{before}: {table}")
        self.stdout.write(vetted.looked_up_in)
        if vetted.left_out or vetted.untested:
            what = [counted(vetted.left_out, "star")] if vetted.left_out else []
            if vetted.untested:
                what.append(counted(vetted.untested, "known signal"))
            self.stdout.write(f"{' and '.join(what)} left out: {left_out_beside(table)}")

    def _loaded(self) -> list[LoadedTable]:
        """Return the current tables of missions; none where no database says which they are."""
        try:
            with store_errors_in_words():
                tables = services.loaded_catalogues()
                return [LoadedTable.from_json(table_told(table)) for table in tables]
        except DatabaseError:
            self.stderr.write(_NO_DATABASE)
            return []
        finally:
            # Processes that are forked would share it.
            if not connection.in_atomic_block:
                connection.close()

    def _tell(self, done: float, step: str) -> None:
        star = step.split(": ", 1)[0]
        if star != self._told:
            self._told = star
            self.stderr.write(f"{done:4.0%} {star}")

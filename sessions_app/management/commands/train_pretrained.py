"""Train and publish the missions' models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from mlcore.datasets import DATASETS
from sessions_app import execution, queries, services
from sessions_app.refusals import RefusedError

if TYPE_CHECKING:
    from argparse import ArgumentParser

_ALL = "all"


class Command(BaseCommand):
    help = "Train a mission's model on its current snapshot and offer it for prediction."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mission", choices=[*DATASETS, _ALL], nargs="?", default=_ALL)
        parser.add_argument(
            "--missing",
            action="store_true",
            help="leave missions alone that are not loaded, or whose model was trained on the"
            " current snapshot",
        )

    def handle(self, **options: Any) -> None:
        failures = []
        for mission, snapshot in queries.current_snapshots().items():
            if options["mission"] not in {mission, _ALL}:
                continue
            published = services.published_model(mission)
            if options["missing"] and (
                snapshot is None or (published and published.snapshot_id == snapshot.pk)
            ):
                continue
            self.stdout.write(f"{mission}: training the published model ...")
            try:
                session = services.train_pretrained(mission, execute=execution.execute)
            except RefusedError as refusal:
                failures.append(mission)
                self.stderr.write(f"{mission}: {refusal.sentence}")
                continue
            found = session.metrics
            self.stdout.write(
                f"{mission}: published {session.get_model_type_display()}, accuracy"
                f" {found['accuracy']:.3f}, macro F1 {found['f1']:.3f} on {found['rows']} rows"
                f" ({found['split']})."
            )
        execution.close()
        if failures:
            raise CommandError(f"Not published: {', '.join(failures)}.")

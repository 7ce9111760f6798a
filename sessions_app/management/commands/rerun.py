"""Repeat a session from its manifest, and tell whether it came out the same."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from sessions_app.exceptions import RefusedError
from sessions_app.execution import worker
from sessions_app.lifecycle import FINAL, Status
from sessions_app.management.store_errors import store_errors_in_words
from sessions_app.models import Session
from sessions_app.selectors.manifest_comparison import compared
from sessions_app.services.repeating import repeat

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sessions_app.selectors.manifest_comparison import ComparedFigure, Comparison

_LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Repeat the session that a manifest tells of (/api/v1/…-sessions/ID/manifest), on the very"
        " same rows and with the same seed, and say of each figure and of the predictions whether"
        " they are the same bits or how far they differ. The new session stays, as an operators'."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("manifest", type=Path, help="the manifest, a file")
        parser.add_argument(
            "--file",
            type=Path,
            action="append",
            default=[],
            help="a file that the session was sent, where this server does not have it; for each",
        )

    def handle(self, **options: Any) -> None:
        manifest = _read(options["manifest"])
        for path in options["file"]:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        with store_errors_in_words():
            try:
                session = repeat(manifest, files=options["file"])
            except RefusedError as refusal:
                raise CommandError(refusal.sentence) from refusal
            self.stdout.write(
                f"Session {session.pk} repeats {manifest['session']['kind']} session"
                f" {manifest['session']['id']}."
            )
            ended = _run(session)
            if ended.status != Status.COMPLETED:
                raise CommandError(f"It {ended.status}: {ended.error}")
            comparison = compared(manifest, ended)
        self._tell(comparison)
        if not comparison.is_same:
            raise CommandError("It did not come out the same.")
        self.stdout.write("Every figure and every prediction is the same to the bit.")

    def _tell(self, comparison: Comparison) -> None:
        for note in comparison.notes:
            self.stdout.write(note)
        for figure in comparison.figures:
            self.stdout.write(f"{figure.name}: {_in_words(figure)}")
        before, after = comparison.rows
        if before != after:
            self.stdout.write(f"predictions: of {after} objects, not of {before}")
        for name, same in comparison.columns.items():
            self.stdout.write(f"predictions, {name}: {'the same bits' if same else 'differ'}")
        if comparison.distance is not None:
            self.stdout.write(
                "predictions: probabilities differ by at most"
                f" {comparison.distance.largest:.3g}, and {comparison.distance.labels} of"
                f" {after} objects have another label"
            )
        elif not all(comparison.columns.values()):
            self.stdout.write(
                "predictions: the first session's are not on this server, so that it cannot be"
                " told how far they differ"
            )


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is no manifest of a session: it is not JSON.") from error


def _run(session: Session) -> Session:
    """Run a session here, or wait for the worker that has begun with it."""
    worker.execute(session.pk)
    while True:
        now = Session.objects.select_related("reference").get(pk=session.pk)
        if now.status in FINAL:
            return now
        time.sleep(_LOOK_SECONDS)


def _in_words(figure: ComparedFigure) -> str:
    if figure.is_same:
        return f"{figure.after}, the same bits"
    if figure.difference is not None:
        return f"{figure.before} → {figure.after}, differs by {figure.difference:.3g}"
    return f"{figure.before} → {figure.after}"

"""Whether light curves can be used: the first are read, the others when the session runs.

Of these it is told which do not even begin like light curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.errors import DataError
from mlcore.in_words import counted
from mlcore.lightcurves.bundles.bundle import bundle_in, curve_of, holds_light_curves
from mlcore.lightcurves.bundles.listing import LISTS
from mlcore.lightcurves.bundles.looking import unlike_light_curves
from mlcore.lightcurves.known import KnownSignal
from mlcore.model_selection.training_rows import MIN_ROWS, MIN_STARS_PER_CLASS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from mlcore.datasets.spec import Disposition
    from mlcore.lightcurves.bundles.bundle import Bundle, StarFiles
    from mlcore.tasks import Task

__all__ = ["CurvesFound", "curves_job", "look_at_curves"]

_READ_AT_ONCE = 3
_NAMED = 5
"""Of files that seem to be no light curves, how many are named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvesFound:
    """What a file holds in light curves."""

    stars: int
    labelled: int
    """Stars with a disposition that the task tells apart."""
    notes: tuple[str, ...]
    """What was understood, as sentences."""
    warnings: tuple[str, ...]


def curves_job(
    argument: Mapping[str, Any],
    emit: Callable[[dict[str, Any]], None],  # noqa: ARG001 - what every job takes
) -> dict[str, Any]:
    """Tell whether a file holds light curves.

    Parameters
    ----------
    argument
        ``path`` of the file.
    emit
        Takes no event here.

    Returns
    -------
    dict
        ``light_curves``: whether it does.
    """
    return {"light_curves": holds_light_curves(Path(argument["path"]))}


def look_at_curves(
    path: Path,
    name: str,
    *,
    task: Task,
    to_train_on: bool,
    known_signals: Sequence[Mapping[str, Any]],
) -> CurvesFound:
    """Read a file's light curves as far as it takes to tell whether they can be used.

    Parameters
    ----------
    path, name
        The file, and what it was called.
    task
        What is asked of the signals.
    to_train_on
        Whether they need dispositions, and enough of them.
    known_signals
        What the request says of the only star's signals.

    Raises
    ------
    DataError
        When they cannot be used.
    """
    bundle = bundle_in(path, name)
    stars = bundle.stars
    known = [KnownSignal(**signal) for signal in known_signals]
    if known and len(stars) > 1:
        raise DataError(
            f"The request names signals of one star, and the archive has light curves of"
            f" {len(stars)}: put a table into it that is called {LISTS[0]}.csv, with the columns"
            " file, period [d], epoch [d] and duration [h]."
        )
    notes, refused = _read(bundle, stars[:_READ_AT_ONCE], known)
    if len(refused) == len(stars):
        raise DataError(refused[0])
    labelled = _labelled(stars, task)
    if to_train_on:
        _check_labels(labelled)
    of_stars = [f"Light curves of {counted(len(stars), 'star')}."] if len(stars) > 1 else []
    return CurvesFound(
        stars=len(stars),
        labelled=sum(len(of) for of in labelled.values()),
        notes=(*of_stars, *notes),
        warnings=(*refused, *_unlike(unlike_light_curves(bundle, stars[_READ_AT_ONCE:]))),
    )


def _unlike(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(name[:60] for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    what = (
        "does not begin like a light curve" if len(names) == 1 else "do not begin like light curves"
    )
    return [f"{counted(len(names), 'file')} {what}, and may be left out: {shown}{more}."]


def _read(
    bundle: Bundle, stars: Sequence[StarFiles], known: Sequence[KnownSignal]
) -> tuple[list[str], list[str]]:
    notes: list[str] = []
    refused: list[str] = []
    alone = len(bundle.stars) == 1
    for star in stars:
        try:
            curve = curve_of(bundle.contents(star))
            for signal in (*known, *(row.known for row in star.listed if row.known)):
                signal.epoch_after(curve.time_zero, float(curve.time[0]))
        except DataError as error:
            refused.append(str(error) if alone else f"{star.name}: {error}")
        else:
            notes += curve.notes if alone else [f"{star.name}: {note}" for note in curve.notes]
    return notes, refused


def _labelled(stars: Sequence[StarFiles], task: Task) -> dict[Disposition, set[str]]:
    found: dict[Disposition, set[str]] = {kind: set() for kind in task.classes}
    for star in stars:
        for row in star.listed:
            kind = LIGHT_CURVES.labels.get(row.disposition)
            if kind in found:
                found[kind].add(star.name)
    return found


def _check_labels(labelled: Mapping[Disposition, set[str]]) -> None:
    table = f"a table in the archive that is called {LISTS[0]}.csv, with the columns file and"
    if not any(labelled.values()):
        raise DataError(
            f"The light curves have no dispositions, which training needs: put {table} disposition"
            f" ({', '.join(LIGHT_CURVES.labels)})."
        )
    for kind, stars in labelled.items():
        if len(stars) < MIN_STARS_PER_CLASS:
            raise DataError(
                f"The light curves that are {kind.words} are of"
                f" {counted(len(stars), 'star')}; training needs at least {MIN_STARS_PER_CLASS} for"
                " each disposition."
            )
    count = sum(len(stars) for stars in labelled.values())
    if count < MIN_ROWS:
        raise DataError(
            f"{counted(count, 'light curve')} have a disposition; training needs at least"
            f" {MIN_ROWS}."
        )

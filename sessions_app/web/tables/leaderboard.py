"""What an automatic search tried, as a table of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.html import format_html

from mlcore.in_words import number
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from mlcore.models import MODELS
from sessions_app.exceptions import RefusedError
from sessions_app.web.formatting import NOTHING, figure, percent, seconds, words
from sessions_app.web.tables.listed import Listed, ListedTable
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["leaderboard_table", "trials_table"]

_FIGURES = ("log_loss", "roc_auc", "average_precision", "accuracy")


def leaderboard_table(search: dict[str, Any]) -> WordTable:
    """Return the trials of a search and the ensemble that was made of them."""
    figures = _figures(search["ensemble"])
    ensemble = Row("The ensemble", NOTHING, *figures, NOTHING, NOTHING, stands_out=True)
    titles = (METRICS[name].title for name in _FIGURES)
    return WordTable(
        title="What the search tried",
        about=f"{search['rows']} training objects, each scored by a model that had not seen its"
        f" star ({search['folds']} folds), with {INTERVAL}s by star. These figures chose the"
        " models, so they flatter a little; those on the tested objects do not.",
        columns=("Trial", "Rank", *titles, "Share in the ensemble", "Time"),
        rows=(ensemble, *map(_trial, search["trials"])),
    )


def trials_table(trials: Sequence[Mapping[str, Any]], *, sort: str = "") -> ListedTable:
    """Return the trials of a search in an order, the best first where nobody asks for another.

    Raises RefusedError when there is no such order.
    """
    orders = {
        "trial": lambda trial: trial["number"],
        "model": lambda trial: trial["label"],
        "rank": lambda trial: trial["rank"],
        "weight": lambda trial: trial["weight"],
        "seconds": lambda trial: trial["seconds"],
        **{name: _value_of(name) for name in _FIGURES},
    }
    by = sort.removeprefix("-") or "rank"
    if by not in orders:
        raise RefusedError(
            f"sort was {sort[:60]!r}, but it must be one of {', '.join(orders)}, with a minus in"
            " front to turn it round.",
            field="sort",
            allowed=list(orders),
        )
    key = orders[by]
    known = [trial for trial in trials if key(trial) is not None]
    unknown = [trial for trial in trials if key(trial) is None]
    known.sort(key=key, reverse=sort.startswith("-"))
    columns = {
        "model": Listed("Model and hyperparameters"),
        "trial": Listed("Trial", amount=True),
        "rank": Listed("Rank", amount=True),
        "seconds": Listed("Time", amount=True, largest_first=True),
        "weight": Listed("In the ensemble", amount=True, largest_first=True),
    }
    columns |= {
        name: Listed(
            METRICS[name].title, amount=True, largest_first=not METRICS[name].lower_is_better
        )
        for name in _FIGURES
    }
    return ListedTable(
        [_cells(trial) for trial in (*known, *unknown)],
        columns,
        title="Trials",
        sort=sort or "rank",
    )


def _value_of(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda trial: trial["figures"] and trial["figures"][name]["value"]


def _cells(trial: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": format_html(
            "{}<small>{}{}</small>",
            trial["label"],
            _hyperparameters(trial["hyperparameters"]),
            f". {trial['note']}" if trial["note"] else "",
        ),
        "trial": trial["number"],
        "rank": trial["rank"] or words(trial["state"]),
        **dict(zip(_FIGURES, _figures(trial["figures"]), strict=True)),
        "weight": percent(trial["weight"]),
        "seconds": seconds(trial["seconds"]),
    }


def _hyperparameters(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{words(name)} {_value(value)}" for name, value in given.items())


def _value(value: Any) -> str:
    if value is None:
        return "chosen by the model"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _trial(trial: dict[str, Any]) -> Row:
    given = ", ".join(f"{name} {value}" for name, value in trial["hyperparameters"].items())
    kind = MODELS.get(trial["model_type"])
    return Row(
        f"{trial['number']}. {kind.label if kind else trial['model_type']}",
        str(trial["rank"] or words(trial["state"])),
        *_figures(trial["figures"]),
        percent(trial["weight"]),
        f"{trial['seconds']:.0f} s",
        note=" ".join(filter(None, (given, trial["note"]))),
    )


def _figures(figures: Mapping[str, Any] | None) -> tuple[str, ...]:
    return tuple(figure(figures[name] if figures else None) for name in _FIGURES)

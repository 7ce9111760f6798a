"""What an automatic search tried, as a table of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from mlcore.models import MODELS
from sessions_app.web.formatting import NOTHING, figure, percent, words
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Mapping

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

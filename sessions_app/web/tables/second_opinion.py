"""A second opinion beside the model, as tables of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from sessions_app.web.formatting import NOTHING, figure, on_rows, percent, words
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

_COMPARED = ("roc_auc", "average_precision", "recall_at_99_precision", "log_loss")
_OF_PLANETS = ("precision", "recall")


def opinion_tables(opinion: Json) -> Iterator[WordTable]:
    """Yield the voices side by side, and the objects on which they disagree."""
    titles = {
        "model": "The model",
        "opinion": opinion["column"],
        "combined": "Both together",
    }
    if opinion["voices"]:
        yield WordTable(
            title="The model and the second opinion on the same objects",
            about=f"{on_rows(opinion)} In brackets: {opinion['interval']}. {opinion['calibration']}"
            " Differences are of the same resamples.",
            columns=(
                "Whose",
                *(f"{METRICS[name].title} [{INTERVAL}]" for name in _COMPARED),
                *(f"{METRICS[name].title} of planets at even odds" for name in _OF_PLANETS),
            ),
            rows=[
                *(_voice(titles[voice], told) for voice, told in opinion["voices"].items()),
                *_differences(opinion["differences"], titles),
            ],
        )
    if opinion["disagreements"]:
        listed = opinion["disagreements"]
        shown = (
            f" The {len(listed)} that differ most." if len(listed) < opinion["disagreeing"] else ""
        )
        yield WordTable(
            title="Where they disagree",
            about=f"{opinion['disagreeing']} objects that one takes for a planet and the other does"
            f" not; the probabilities are of a planet.{shown}",
            columns=("Object", "Number", "Catalogue", *titles.values()),
            rows=[
                Row(
                    one["name"],
                    str(one["number"]),
                    words(one["label"] or NOTHING),
                    *(percent(one[voice]) for voice in titles),
                )
                for one in listed
            ],
        )


def _voice(title: str, told: list[Json]) -> Row:
    by_name = {one["name"]: one for one in told}
    return Row(title, *(figure(by_name[name]) for name in (*_COMPARED, *_OF_PLANETS)))


def _differences(differences: list[Json], titles: dict[str, str]) -> Iterator[Row]:
    pairs = dict.fromkeys((one["of"], one["against"]) for one in differences)
    for of, against in pairs:
        by_name = {
            one["name"]: one for one in differences if (one["of"], one["against"]) == (of, against)
        }
        cells = (
            in_words.figure(one["value"], one["low"], one["high"], in_words.TABLE_CHANGE)
            for one in (by_name[name] for name in _COMPARED)
        )
        head = f"{titles[of]} less {in_words.lowered(titles[against])}"
        yield Row(head, *cells, *[NOTHING] * len(_OF_PLANETS))

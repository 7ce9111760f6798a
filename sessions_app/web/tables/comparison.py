"""Several sessions side by side, as tables."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from mlcore import in_words
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from sessions_app.selectors.session_titles import plain_title
from sessions_app.web.formatting import NOTHING, percent, word_class, words
from sessions_app.web.tables.listed import Listed, ListedTable
from sessions_app.web.tables.sessions import session_facts
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mlcore.metrics.paired import Difference
    from sessions_app.models import Session
    from sessions_app.selectors.comparison import Comparison, Disagreement

__all__ = [
    "difference_table",
    "differences_in_words",
    "disagreement_table",
    "figure_table",
    "settings_table",
]


def settings_table(sessions: Sequence[Session]) -> WordTable:
    """Return what differs in what was asked for."""
    facts = [_facts(session) for session in sessions]
    names = list(dict.fromkeys(name for own in facts for name in own))
    told = [(name, [own.get(name, NOTHING) for own in facts]) for name in names]
    alike = [in_words.lowered(name) for name, cells in told if len(set(cells)) == 1]
    return WordTable(
        title="What was asked for",
        about=f"The same in all of them: {in_words.joined(alike)}." if alike else "",
        columns=("Setting", *_letters(sessions)),
        rows=[Row(capfirst(name), *cells) for name, cells in told if len(set(cells)) > 1],
    )


def figure_table(comparison: Comparison) -> WordTable | None:
    """Return the figures of each on the objects that all tested."""
    measured = comparison.figures
    if measured is None:
        return None
    by_metric = zip(*measured.figures.values(), strict=True)
    return WordTable(
        title="Figures",
        about=f"Of {measured.rows} objects of {measured.stars} host stars that all of them tested."
        f" In brackets: {INTERVAL}s, {measured.resamples} resamples of the host stars.",
        columns=("Figure", *_letters(measured.figures)),
        rows=[
            Row(
                METRICS[figures[0].name].title,
                *(in_words.figure(one.value, one.low, one.high, in_words.TABLE) for one in figures),
                note=_which_is_better(figures[0].name),
            )
            for figures in by_metric
        ],
    )


def difference_table(comparison: Comparison) -> WordTable | None:
    """Return by how much each is above the first, with paired intervals."""
    measured = comparison.figures
    if measured is None:
        return None
    others = list(measured.figures)[1:]
    first, *letters = _letters(measured.figures)
    names = list(dict.fromkeys(one.name for one in measured.differences))
    found = {(one.name, one.of): one for one in measured.differences}
    return WordTable(
        title="Differences",
        about=f"Each session's figure minus that of {first}, both measured on the same resamples"
        f" of the host stars. In brackets: {INTERVAL}s of the difference; one that holds 0 leaves"
        " open which is better.",
        columns=("Figure", *(f"{letter} minus {first}" for letter in letters)),
        rows=[
            Row(
                METRICS[name].title,
                *(_difference(found[name, other]) for other in others),
                note=_which_is_better(name),
                stands_out=any(found[name, other].sure for other in others),
            )
            for name in names
        ],
    )


def differences_in_words(comparison: Comparison, called: Sequence[str]) -> list[str]:
    """Return in which figures the others are surely better or worse than the first."""
    measured = comparison.figures
    if measured is None:
        return []
    told = []
    for name, whose in zip(called[1:], list(measured.figures)[1:], strict=True):
        own = [one for one in measured.differences if one.of == whose]
        better, worse = (
            [
                in_words.lowered(METRICS[one.name].title)
                for one in own
                if one.sure and _is_better(one) is wanted
            ]
            for wanted in (True, False)
        )
        parts = [
            f"{how} in {in_words.joined(titles)}"
            for how, titles in (("surely better", better), ("surely worse", worse))
            if titles
        ]
        outcome = in_words.joined(parts) if parts else "not surely better or worse in any figure"
        told.append(f"{name} is {outcome}.")
    return told


def disagreement_table(
    disagreements: Sequence[Disagreement], sessions: Sequence[Session]
) -> ListedTable:
    """Return objects of which the sessions say different things."""
    columns = {"name": Listed("Object", sorts=False), "host": Listed("Host star", sorts=False)}
    columns["actual"] = Listed("The catalogue says", sorts=False)
    columns |= {
        f"said_{place}": Listed(f"{letter} says", sorts=False)
        for place, letter in enumerate(_letters(sessions))
    }
    return ListedTable(
        [
            {
                "name": one.name,
                "host": one.host,
                "actual": words(one.actual) if one.actual else "nothing",
                **{
                    f"said_{place}": _said(one, place, session)
                    for place, session in enumerate(sessions)
                },
            }
            for one in disagreements
        ],
        columns,
        title="Objects on which they disagree",
    )


def _said(one: Disagreement, place: int, session: Session) -> str:
    said = one.said[place]
    return format_html(
        '<a class="said" href="{}"><span class="word {}">{}</span> {}</a>',
        reverse("object", args=[session.pk, said.number]),
        word_class(said.verdict),
        said.verdict,
        percent(said.planet_probability),
    )


def _letters(several: Collection[Any]) -> Sequence[str]:
    return ascii_uppercase[: len(several)]


def _facts(session: Session) -> dict[str, str]:
    told: dict[str, list[str]] = {"what it is": [plain_title(session)]}
    for name, value in session_facts(session):
        told.setdefault(name, []).append(value)
    return {name: "; ".join(values) for name, values in told.items()}


def _difference(one: Difference) -> str:
    if one.value is None:
        return NOTHING
    return in_words.figure(one.value, one.low, one.high, in_words.TABLE_CHANGE)


def _which_is_better(name: str) -> str:
    return "lower is better" if METRICS[name].lower_is_better else ""


def _is_better(one: Difference) -> bool:
    higher = one.value is not None and one.value > 0
    return higher is not METRICS[one.name].lower_is_better

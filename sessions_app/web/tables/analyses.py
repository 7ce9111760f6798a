"""Analyses as the pages show them: which fit a session, and their answers as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.analyses.names import Analysis, refusal_of_analysis
from sessions_app import selectors
from sessions_app.models import EVIDENCE
from sessions_app.web.formatting import decimal, figure, measured_on, quantity, signed
from sessions_app.web.tables.features import needed_table
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.models import AnalysisSession, Session

_FIGURES = {"roc_auc": "ROC-AUC", "macro_f1": "Macro F1", "accuracy": "Accuracy"}


def fitting_analyses(session: Session, *, of_one_object: bool) -> list[Analysis]:
    """Return what can be asked about a completed session's model, or about its objects."""
    model = session.model or {}
    return [
        analysis
        for analysis in Analysis
        if analysis.of_one_object is of_one_object
        and not refusal_of_analysis(
            analysis,
            model_type=model.get("model_type", ""),
            fine_tuned=bool(model.get("fine_tuned")),
            measured=session.metrics is not None,
        )
    ]


def answer_in_words(analysis: AnalysisSession) -> dict[str, Any]:
    """Return an analysis's answer; of evidence what became of its parts."""
    answer: dict[str, Any] = analysis.answer or {}
    if analysis.analysis != EVIDENCE:
        return answer
    parts = selectors.evidence_of(analysis.of)["parts"]
    return {
        "meaning": analysis.get_analysis_display(),
        "sentences": [
            f"{part['meaning']} {'It is there.' if part['note'] is None else part['note']}"
            for part in parts
        ],
    }


def answer_tables(answer: dict[str, Any]) -> Iterator[WordTable]:
    """Yield what an analysis found beside its sentences."""
    if answer.get("quantities"):
        yield _effects(answer)
    if answer.get("changes"):
        yield _changes(answer)
    if answer.get("columns"):
        yield _contributions(answer)
    if "needed" in answer:
        yield needed_table(answer)


def _effects(answer: dict[str, Any]) -> WordTable:
    return WordTable(
        title="What the figures lose or gain",
        about=measured_on(answer),
        columns=("Quantity", *(f"Change of {title}" for title in _FIGURES.values())),
        rows=[
            Row(head, *(figure(figures[name]) for name in _FIGURES))
            for head, figures in (
                ("The model as it is", answer["baseline"]),
                *((effect["quantity"], effect["change"]) for effect in answer["quantities"]),
            )
        ],
    )


def _changes(answer: dict[str, Any]) -> WordTable:
    return WordTable(
        title="What would have to be different",
        about="The smallest change that was found, in the columns' own units.",
        columns=("Column", "Quantity", "Is", "Would have to be"),
        rows=[
            Row(
                column["column"],
                change["quantity"],
                quantity(column["before"], column["unit"]),
                quantity(column["after"], column["unit"]),
            )
            for change in answer["changes"]
            for column in change["columns"]
        ],
    )


def _contributions(answer: dict[str, Any]) -> WordTable:
    columns = answer["columns"]
    longest = max((abs(column["contribution"]) for column in columns), default=0.0) or 1.0
    return WordTable(
        title="How much each column moved it",
        about=f"{answer['estimand']}. From {decimal(answer['base'])} by the contributions to"
        f" {decimal(answer['output'])}; ± is the standard error of the estimate.",
        columns=("Column", "Value", "Contribution"),
        bars=True,
        rows=[
            Row(
                column["title"],
                quantity(column["value"], column["unit"]),
                signed(column["contribution"])
                + (f" ± {decimal(error)}" if (error := column["standard_error"]) else ""),
                note=column["column"],
                bar=column["contribution"] / longest,
            )
            for column in columns
        ],
    )

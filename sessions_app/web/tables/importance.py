"""What a model rests on, as tables of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import TABLE_SHARE
from sessions_app.web.formatting import IN_BRACKETS, figure, named_figure
from sessions_app.web.tables.word_table import bar_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.web.tables.word_table import WordTable


def importance_tables(importance: dict[str, Any]) -> Iterator[WordTable]:
    """Yield what the model rests on, measured in two ways."""
    permutation = importance["permutation"]
    if permutation is not None:
        yield bar_table(
            "Permutation importance",
            "What ROC-AUC loses when a quantity's values are dealt out among the rows: mean of"
            f" {permutation['repeats']} repeats on {permutation['rows']} objects:"
            f" {importance['split']}.{IN_BRACKETS}",
            "Loss of ROC-AUC",
            [
                (loss["quantity"], loss["mean"]["roc_auc"], _loss(loss))
                for loss in permutation["losses"]
            ],
        )
    moved = importance["mean_absolute_contributions"]
    yield bar_table(
        "Mean absolute contribution",
        "How far a quantity moves the model's output (mean absolute SHAP value), as a share of"
        f" all, over {moved['rows']} objects: {importance['split']}.{IN_BRACKETS}",
        "Share",
        [
            (part["quantity"], part["share"], named_figure(part, "share", TABLE_SHARE))
            for part in moved["quantities"]
        ],
    )


def _loss(loss: dict[str, Any]) -> str:
    ends = {end: (loss.get(end) or {}).get("roc_auc") for end in ("low", "high")}
    return figure({"value": loss["mean"]["roc_auc"], **ends})

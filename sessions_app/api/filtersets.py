"""What each list is filtered by, searched for and put in order of: the same words everywhere."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django_filters import CharFilter, FilterSet, UUIDFilter

from mlcore import MODELS
from mlcore.features.feature_sets import FeatureSet
from mlcore.prediction.verdict import Verdict
from mlcore.tasks import PLANET
from sessions_app.api.filtering import created, one_of, ordering_of, search_of, yes_or_no
from sessions_app.files.results import Order
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, DataSource, Session
from sessions_app.models.session import task_choices
from sessions_app.models.snapshot import mission_choices, session_mission_choices
from sessions_app.models.verdict import DISPOSITIONS
from sessions_app.selectors.object_names import names_meant

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessions_app.files.results import ObjectList

__all__ = [
    "AnalysisFilters",
    "ModelFilters",
    "ObjectFilters",
    "PredictionFilters",
    "TrainingFilters",
    "VerdictFilters",
]

_PROBABILITY = f"probability_{PLANET}"
_MODEL_TYPES = [(name, entry.label) for name, entry in MODELS.items()]
_FEATURE_SETS = [(columns.value, columns.meaning) for columns in FeatureSet]


def _with_words(rows: Any, fields: Collection[str], words: str) -> Any:
    return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": words}) for field in fields)))


class _SessionFilters(FilterSet):
    """What sessions of every kind are filtered by."""

    searched: tuple[str, ...] = ("id", "name", "error")

    status = one_of(Status.choices, "Only those of this status.")
    mission = one_of(session_mission_choices, "Only those of this mission.")
    task = one_of(task_choices, "Only those of this task.")
    data_source = one_of(DataSource.choices, "Only those on NASA's rows, or on a user's.")
    created_after = created("gte", "Only those made at this date or time, or later.")
    created_before = created("lt", "Only those made before this date or time.")
    search = search_of(
        "Only those with these words in their name or id, in why they failed or in what they train"
        " or ask.",
        method="_searched",
    )
    ordering = ordering_of(
        ("created_at", "started_at", "finished_at", "status", "mission", "task"),
        "The newest first by default.",
    )

    def _searched(self, rows: Any, _name: str, words: str) -> Any:
        return _with_words(rows, self.searched, words)


class TrainingFilters(_SessionFilters):
    """Which training sessions to list."""

    searched = (*_SessionFilters.searched, "model_type")

    model_type = one_of(_MODEL_TYPES, "Only those of this model type.")
    feature_set = one_of(_FEATURE_SETS, "Only those that see these columns.")
    published = yes_or_no("Only those whose model is offered to everybody, or is not.")


class PredictionFilters(_SessionFilters):
    """Which prediction sessions to list."""

    model = UUIDFilter(
        field_name="published_model", help_text="Only those with the model of this id."
    )


class AnalysisFilters(_SessionFilters):
    """Which analyses to list."""

    searched = (*_SessionFilters.searched, "analysis")

    session = UUIDFilter(field_name="of_id", help_text="Only those of the session of this id.")
    analysis = one_of(
        AnalysisSession._meta.get_field("analysis").choices,  # noqa: SLF001 - documented
        "Only those that ask this.",
    )


class ModelFilters(FilterSet):
    """Which published models to list."""

    mission = one_of(session_mission_choices, "Only those of this mission.")
    task = one_of(task_choices, "Only those of this task.")
    model_type = one_of(_MODEL_TYPES, "Only those of this model type.")
    feature_set = one_of(_FEATURE_SETS, "Only those that see these columns.")
    created_after = created("gte", "Only those made at this date or time, or later.")
    created_before = created("lt", "Only those made before this date or time.")
    search = search_of(
        "Only those with these words in their id, name or title.",
        method=lambda rows, _name, words: _with_words(
            rows, ("id", "card__name", "card__title", "model_type"), words
        ),
    )
    ordering = ordering_of(
        ("created_at", "finished_at", "mission", "task", "model_type"),
        "As they are recommended by default.",
    )


class VerdictFilters(FilterSet):
    """Which verdicts to list."""

    object = CharFilter(
        max_length=100,
        # Found by all the names that mean the same, which follow from the model.
        method=lambda rows, _name, _value: rows,
        help_text="Only those of this object, or of this star's objects, in any usual spelling:"
        " K00755.01, KOI-755.01, KIC 11754553.",
    )
    mission = one_of(mission_choices, "Only those of this mission's objects.")
    disposition = one_of(DISPOSITIONS, "Only those of which the table says this.")
    search = search_of(
        "Only those with these words in the object's or its star's name.",
        method=lambda rows, _name, words: _with_words(rows, ("name", "host"), words),
    )
    ordering = ordering_of(
        ("number", "name", "host", _PROBABILITY), "In the table's order by default."
    )


_OF_OBJECTS = {
    "number": "number",
    "name": "name",
    "follow_up_rank": "follow_up_rank",
    _PROBABILITY: _PROBABILITY,
}
"""By what objects can be ordered, and which column of a result's file that is."""


class ObjectFilters(FilterSet):
    """Which of a result's objects to list; they are rows of a file and not of the database."""

    prediction = one_of(DISPOSITIONS, "Only those with this most probable disposition.")
    disposition = one_of(DISPOSITIONS, "Only those whose true disposition is this.")
    verdict = one_of(
        [(str(verdict), str(verdict)) for verdict in Verdict], "Only those of this verdict."
    )
    search = search_of(
        "Only those with these words in the object's or its star's name, or that are called so in"
        " another usual spelling or catalogue."
    )
    ordering = ordering_of(_OF_OBJECTS, "In the table's order by default.")

    def __init__(self, data: Any, queryset: ObjectList, *, mission: str = "", **more: Any) -> None:
        # The library wants rows of the database, if only to know what they are of.
        super().__init__(data, queryset=Session.objects.none(), **more)
        self._objects, self._mission = queryset, mission

    @property
    def qs(self) -> ObjectList:
        """The objects that fit, in their order."""
        asked = self.form.cleaned_data
        name = asked.get("ordering") or "number"
        order = Order(
            title=name, column=_OF_OBJECTS[name.lstrip("-")], descending=name.startswith("-")
        )
        exact = {
            "label": asked["prediction"],
            "actual": asked["disposition"],
            "verdict": asked["verdict"],
        }
        return self._objects.ordered(
            order,
            words=asked["search"] or "",
            names=names_meant(asked["search"] or "", self._mission),
            **{column: value for column, value in exact.items() if value},
        )

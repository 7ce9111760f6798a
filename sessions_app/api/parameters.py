"""Query parameters: whatever an address does not take is refused by its name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import ListField

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

__all__ = ["KnownParameters"]

_SHOWN = 60
"""How much of a name a sentence repeats, in characters."""
_taken: dict[tuple[type, str], _Taken] = {}
"""What was found out of the schema, by view and by the name of what answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """What an address takes."""

    names: tuple[str, ...]
    repeated: frozenset[str]
    """Those of them that can be given several times."""
    families: Mapping[str, str]
    """What the names of further ones are like, as a regular expression and in words."""


class KnownParameters:
    """Gives a view of the modern API the refusal of query parameters that it does not take.

    What it takes is what its schema says: the parameters that `extend_schema` declares of what
    answers, and of a list its pages and its filters.
    """

    parameters_in_any_case = False
    """Whether the names, which are in capitals then, may be written in any case."""

    def initial(self: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass what is known, after it is known who asks."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        name = getattr(self, "action", None) or method
        if request.query_params and method != "options" and hasattr(self, name):
            key = (type(self), name)
            if key not in _taken:
                _taken[key] = _taken_by(self, name, method)
            _refuse_unknown(request, _taken[key], any_case=self.parameters_in_any_case)


def _refuse_unknown(request: Request, taken: _Taken, *, any_case: bool) -> None:
    given: Counter[str] = Counter()
    for sent, values in request.query_params.lists():
        name, shown = sent.upper() if any_case else sent, sent[:_SHOWN]
        if name not in taken.names and not any(re.fullmatch(one, name) for one in taken.families):
            known = ", ".join([*taken.names, *taken.families.values()])
            raise RefusedError(
                f"{shown!r} is no parameter of this address: it takes {known or 'none'}.",
                field=shown,
                allowed=taken.names,
            )
        given[name] += len(values)
        if given[name] > 1 and name not in taken.repeated:
            raise RefusedError(
                f"{shown} is given {given[name]} times, and can be given once.", field=shown
            )


def _taken_by(view: Any, name: str, method: str) -> _Taken:
    """Return what is taken by what answers, in the schema's words."""
    kinds = getattr(getattr(view, name), "kwargs", {})
    schema = kinds["schema"]() if "schema" in kinds else view.schema
    schema.view, schema.method = view, method.upper()
    names: list[str] = []
    repeated: set[str] = set()
    families: dict[str, str] = {}
    for declared in schema.get_override_parameters():
        if not isinstance(declared, OpenApiParameter):
            serializer = force_instance(declared)
            names += serializer.fields
            lists = (name for name, one in serializer.fields.items() if isinstance(one, ListField))
            repeated.update(lists)
            families |= getattr(serializer, "families", {})
        elif declared.location == OpenApiParameter.QUERY:
            names.append(declared.name)
            repeated |= {declared.name} if declared.many else set()
    if getattr(view, "paginator", None) is not None and schema._is_list_view():  # noqa: SLF001 - tells it as the schema has it
        for shown in (*(kind() for kind in schema.get_filter_backends()), view.paginator):
            names += (one["name"] for one in shown.get_schema_operation_parameters(view))
    return _Taken(
        names=tuple(dict.fromkeys(names)), repeated=frozenset(repeated), families=families
    )

"""Query parameters: whatever an address does not take is refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rest_framework.request import Request

__all__ = ["KnownParameters"]

_SHOWN = 60
"""How much of a name a sentence repeats, in characters."""
_taken: dict[tuple[type, str], tuple[str, ...]] = {}
"""What was found out of the schema, by view and by the name of what answers."""


class KnownParameters:
    """Gives a view of the modern API the refusal of query parameters that it does not take.

    What it takes is what its schema says: the parameters that `extend_schema` declares of what
    answers, and of a list its pages and its filters.
    """

    def initial(self: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass what is known, after it is known who asks."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        name = getattr(self, "action", None) or method
        if request.query_params and method != "options" and hasattr(self, name):
            key = (type(self), name)
            if key not in _taken:
                _taken[key] = tuple(dict.fromkeys(_declared(self, name, method)))
            _refuse_unknown(request, _taken[key])


def _refuse_unknown(request: Request, taken: Sequence[str]) -> None:
    for name, values in request.query_params.lists():
        shown = name[:_SHOWN]
        if name not in taken:
            known = f"it takes {', '.join(taken)}" if taken else "it takes none"
            raise RefusedError(
                f"{shown!r} is no parameter of this address: {known}.", field=shown, allowed=taken
            )
        if len(values) > 1:
            raise RefusedError(
                f"{shown} is given {len(values)} times, and can be given once.", field=shown
            )


def _declared(view: Any, name: str, method: str) -> Iterator[str]:
    """Yield the names of the query parameters of what answers, in the schema's words."""
    kinds = getattr(getattr(view, name), "kwargs", {})
    schema = kinds["schema"]() if "schema" in kinds else view.schema
    schema.view, schema.method = view, method.upper()
    for declared in schema.get_override_parameters():
        if isinstance(declared, OpenApiParameter):
            if declared.location == OpenApiParameter.QUERY:
                yield declared.name
        else:
            yield from force_instance(declared).fields
    if getattr(view, "paginator", None) is None or not schema._is_list_view():  # noqa: SLF001 - tells it as the schema has it
        return
    for backend in schema.get_filter_backends():
        yield from (one["name"] for one in backend().get_schema_operation_parameters(view))
    yield from (one["name"] for one in view.paginator.get_schema_operation_parameters(view))

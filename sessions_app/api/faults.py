"""What is wrong with a request's fields, in sentences of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ParametersSerializer", "RequestSerializer"]

_SHOWN = 60
"""How much of a value a sentence repeats, in characters."""
_ABSENT = {"required", "null", "blank", "empty"}


class RequestSerializer(serializers.Serializer[Any]):
    """Reads a request's fields and words what is wrong with them."""

    refuses_unknown = True
    """Whether a field that is none of its own is an error."""

    def is_valid(self, *, raise_exception: bool = False) -> bool:
        """Check the fields; what is raised has words of our own, and not the framework's."""
        try:
            valid = super().is_valid(raise_exception=raise_exception)
            errors = list(self._unknown())
        except ValidationError:
            valid, errors = False, [*self._worded_errors(), *self._unknown()]
        if errors:
            raise RefusedError(
                errors[0]["detail"],
                field=errors[0]["field"],
                allowed=errors[0].get("allowed", ()),
                errors=errors if len(errors) > 1 else (),
            )
        return valid

    def _unknown(self) -> Iterator[dict[str, Any]]:
        """Yield what was sent and is none of the fields: it would count for nothing, unnoticed."""
        sent = self.initial_data if isinstance(self.initial_data, dict) else {}
        known = [name for name, field in self.fields.items() if not field.read_only]
        for name in sent if self.refuses_unknown else ():
            if name not in known:
                shown = str(name)[:_SHOWN]
                sentence = f"{shown!r} is no field of this request: it takes {', '.join(known)}."
                yield {"field": shown, "detail": sentence, "allowed": known}

    def _worded_errors(self) -> Iterator[dict[str, Any]]:
        errors: Mapping[str, Any] = self.errors
        sent = self.initial_data if isinstance(self.initial_data, dict) else {}
        for name, details in errors.items():
            field = self.fields.get(name)
            if field is None:
                yield {"field": "", "detail": "The request's body must be a JSON object."}
                continue
            listed, allowed = _allowed(field)
            first = details[0] if isinstance(details, list) else None
            if getattr(first, "code", "") in _ABSENT:
                sentence = f"{name} is missing; it must be {allowed}."
            elif isinstance(sent.get(name), str | int | float):
                shown = str(sent[name])[:_SHOWN]
                sentence = f"{name} was {shown!r}, but it must be {allowed}."
            else:
                sentence = f"{name} must be {allowed}."
            error = {"field": name, "detail": sentence}
            yield error | {"allowed": listed} if listed else error


class ParametersSerializer(RequestSerializer):
    """Reads some of the parameters of an address; what is unknown is refused for all of them."""

    refuses_unknown = False
    families: ClassVar[Mapping[str, str]] = {}
    """What the names of further parameters are like, as a regular expression and in words."""


def _allowed(field: Any) -> tuple[list[str], str]:
    """Return what a field may be, as a list where it can be listed, and in words."""
    listed: list[str] = []
    words = str(getattr(field, "allowed", "of another form"))
    match field:
        case serializers.ChoiceField():
            listed = [*map(str, field.choices)]
            words = f"one of {', '.join(listed)}"
        case serializers.IntegerField() | serializers.FloatField():
            kind = "a whole number" if isinstance(field, serializers.IntegerField) else "a number"
            low, high = field.min_value, field.max_value
            words = kind + f" from {low}" * (low is not None) + f" to {high}" * (high is not None)
        case serializers.UUIDField():
            words = "an id such as 37dcc9c4-134e-5456-8ebc-f317ad304418, as lists have it"
        case serializers.BooleanField():
            listed = ["true", "false"]
            words = "true or false"
        case serializers.FileField():
            words = "a file, sent in a form"
        case serializers.CharField():
            words = f"text of at most {field.max_length} characters" if field.max_length else "text"
    return listed, words

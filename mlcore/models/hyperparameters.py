"""Hyperparameters declared with their constraints.

One row says what a hyperparameter is called, what it defaults to and what is allowed. The row
reads what a user sent (a browser form sends every value as text), words the refusal and describes
itself for documentation and forms, so that no bound stands in two places.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.errors import HyperparameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Boolean",
    "Choice",
    "Hyperparameter",
    "Integer",
    "IntegerList",
    "Real",
    "SearchRange",
]

Value = bool | int | float | str | tuple[int, ...] | None

_SHOWN_LENGTH = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRange:
    """Where an automatic search looks for a number: the bounds that have proved sensible."""

    low: float
    high: float
    log: bool = False
    """Whether steps are ratios and not differences."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hyperparameter:
    """A named setting of a model type with its default and what is allowed."""

    name: str
    """Name in requests and results."""
    help: str
    """One sentence for the person who sets it."""
    default: Value
    """Used when the value is absent or empty; None means that the model chooses."""
    search: SearchRange | tuple[Value, ...] | None = None
    """What an automatic search tries; None: the default only."""

    @property
    @abstractmethod
    def type(self) -> str:
        """Name of the type, in JSON's words."""

    @property
    @abstractmethod
    def allowed(self) -> str:
        """What is allowed, in words that complete "must be …"."""

    @abstractmethod
    def parse(self, sent: Any) -> Value:
        """Return the value that `sent` stands for, or raise ValueError."""

    def read(self, sent: Any) -> Value:
        """Return the value that a request means.

        Parameters
        ----------
        sent
            What the request holds: text or a JSON value. None and blank text mean the default.

        Raises
        ------
        HyperparameterError
            When `sent` is of the wrong type or out of bounds.
        """
        if sent is None or (isinstance(sent, str) and not sent.strip()):
            return self.default
        try:
            return self.parse(sent)
        except (ValueError, OverflowError):
            raise HyperparameterError(
                f"{self.name} was {_shown(sent)}, but it must be {self.allowed}."
            ) from None

    def describe(self) -> dict[str, Any]:
        """Return the row as JSON values: name, type, default, help and what is allowed."""
        return {
            "name": self.name,
            "type": self.type,
            "default": list(self.default) if isinstance(self.default, tuple) else self.default,
            "help": self.help,
            "allowed": self.allowed,
            **self.bounds(),
        }

    def bounds(self) -> Mapping[str, Any]:
        """Return the limits as JSON values."""
        return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Integer(Hyperparameter):
    """A whole number between two bounds, both allowed."""

    minimum: int
    maximum: int

    @property
    def type(self) -> str:
        return "integer"

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def bounds(self) -> Mapping[str, Any]:
        return {"minimum": self.minimum, "maximum": self.maximum}

    def parse(self, sent: Any) -> int:
        return _integer(sent, self.minimum, self.maximum)


@dataclass(frozen=True, kw_only=True, slots=True)
class Real(Hyperparameter):
    """A number between two bounds, both allowed."""

    minimum: float
    maximum: float

    @property
    def type(self) -> str:
        return "number"

    @property
    def allowed(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def bounds(self) -> Mapping[str, Any]:
        return {"minimum": self.minimum, "maximum": self.maximum}

    def parse(self, sent: Any) -> float:
        if isinstance(sent, bool) or not isinstance(sent, int | float | str):
            raise ValueError
        number = float(sent)
        if not (math.isfinite(number) and self.minimum <= number <= self.maximum):
            raise ValueError
        return number


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice(Hyperparameter):
    """One of a few words."""

    choices: tuple[str, ...]

    @property
    def type(self) -> str:
        return "string"

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def bounds(self) -> Mapping[str, Any]:
        return {"choices": list(self.choices)}

    def parse(self, sent: Any) -> str:
        if not isinstance(sent, str) or sent.strip().lower() not in self.choices:
            raise ValueError
        return sent.strip().lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class Boolean(Hyperparameter):
    """True or false."""

    @property
    def type(self) -> str:
        return "boolean"

    @property
    def allowed(self) -> str:
        return "true or false"

    def parse(self, sent: Any) -> bool:
        if isinstance(sent, bool):
            return sent
        if not isinstance(sent, str):
            raise ValueError
        word = sent.strip().lower()
        if word not in {"true", "false"}:
            raise ValueError
        return word == "true"


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegerList(Hyperparameter):
    """A short list of whole numbers, as a JSON list or as text with commas."""

    minimum: int
    maximum: int
    longest: int

    @property
    def type(self) -> str:
        return "array of integers"

    @property
    def allowed(self) -> str:
        return (
            f"1 to {self.longest} whole numbers from {self.minimum} to {self.maximum},"
            " separated by commas"
        )

    def bounds(self) -> Mapping[str, Any]:
        return {"minimum": self.minimum, "maximum": self.maximum, "longest": self.longest}

    def parse(self, sent: Any) -> tuple[int, ...]:
        if isinstance(sent, str):
            parts: list[Any] = sent.strip().strip("()[]").rstrip(",").split(",")
        elif isinstance(sent, list | tuple):
            parts = list(sent)
        else:
            parts = [sent]
        if not 1 <= len(parts) <= self.longest:
            raise ValueError
        return tuple(_integer(part, self.minimum, self.maximum) for part in parts)


def _shown(sent: Any) -> str:
    try:
        text = repr(sent)
    except ValueError:
        # Python writes no whole number of thousands of digits.
        return "a number of thousands of digits"
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"


def _integer(sent: Any, minimum: int, maximum: int) -> int:
    if isinstance(sent, bool) or not isinstance(sent, int | float | str):
        raise ValueError
    # Text of a whole number may come as "5.0" from a spreadsheet; 5.5 is no whole number.
    number = int(sent) if isinstance(sent, int) else float(sent)
    if number != int(number) or not minimum <= number <= maximum:
        raise ValueError
    return int(number)

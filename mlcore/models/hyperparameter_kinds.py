"""Hyperparameters declared with their constraints.

One row says what a hyperparameter is called, what it defaults to and what is allowed. The row
reads what a user sent (a browser form sends every value as text), words the refusal and describes
itself for documentation and forms, so that no bound stands in two places.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from mlcore.errors import HyperparameterError

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


@dataclass(frozen=True, slots=True)
class SearchRange:
    """Where an automatic search looks for a number: the bounds that have proved sensible."""

    low: float
    high: float
    log: bool = field(default=False, kw_only=True)
    """Whether steps are ratios and not differences."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hyperparameter:
    """A named setting of a model type with its default and what is allowed."""

    type: ClassVar[str]
    """Name of the type, in JSON's words."""
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
        common = {row.name for row in fields(Hyperparameter)}
        limits = [row.name for row in fields(self) if row.name not in common]
        shown = ("name", "type", "default", "help", "allowed", *limits)
        row = {name: getattr(self, name) for name in shown}
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in row.items()
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Integer(Hyperparameter):
    """A whole number between two bounds, both allowed."""

    type = "integer"
    minimum: int
    maximum: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def parse(self, sent: Any) -> int:
        return _integer(sent, self.minimum, self.maximum)


@dataclass(frozen=True, kw_only=True, slots=True)
class Real(Hyperparameter):
    """A number between two bounds, both allowed."""

    type = "number"
    minimum: float
    maximum: float

    @property
    def allowed(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def parse(self, sent: Any) -> float:
        return float(_number(sent, self.minimum, self.maximum))


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice(Hyperparameter):
    """One of a few words."""

    type = "string"
    choices: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def parse(self, sent: Any) -> str:
        if not isinstance(sent, str) or sent.strip().lower() not in self.choices:
            raise ValueError
        return sent.strip().lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class Boolean(Hyperparameter):
    """True or false."""

    type = "boolean"

    @property
    def allowed(self) -> str:
        return "true or false"

    def parse(self, sent: Any) -> bool:
        if isinstance(sent, bool):
            return sent
        if not isinstance(sent, str) or sent.strip().lower() not in {"true", "false"}:
            raise ValueError
        return sent.strip().lower() == "true"


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegerList(Hyperparameter):
    """A short list of whole numbers, as a JSON list or as text with commas."""

    type = "array of integers"
    minimum: int
    maximum: int
    longest: int

    @property
    def allowed(self) -> str:
        return (
            f"1 to {self.longest} whole numbers from {self.minimum} to {self.maximum},"
            " separated by commas"
        )

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


def _number(sent: Any, minimum: float, maximum: float) -> float:
    if isinstance(sent, bool) or not isinstance(sent, int | float | str):
        raise ValueError
    number = sent if isinstance(sent, int) else float(sent)
    # NaN fails every comparison.
    if not minimum <= number <= maximum:
        raise ValueError
    return number


def _integer(sent: Any, minimum: int, maximum: int) -> int:
    # Text of a whole number may come as "5.0" from a spreadsheet; 5.5 is no whole number.
    number = _number(sent, minimum, maximum)
    if number != int(number):
        raise ValueError
    return int(number)

"""What the probes found, and what that says of a model's score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore.in_words import CARD, SENTENCE, decimal, percent
from mlcore.metrics.figures import Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CLOSE",
    "ROW_SPLIT",
    "STAR_KNOWLEDGE",
    "Probe",
    "ProbeReport",
    "warnings_of",
    "with_share",
]

CLOSE = 0.8
"""Share of the model's gain over chance in ROC-AUC from which a probe counts as close."""

STAR_KNOWLEDGE = "star_knowledge"
"""Name of the probe that sees how well the host star is known."""

ROW_SPLIT = "row_split"
"""Name of the probe that is the model itself under another split."""

_CHANCE = 0.5
_NO_BOUNDS = (
    "The share has no interval: that of a ROC-AUC is missing, or the model's reaches down to"
    " chance."
)
_HARDLY_A_GAIN = 0.02
"""Gain over chance below which a share of it says nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """What a model that knows almost nothing reaches."""

    name: str
    title: str
    meaning: str
    """What it sees, as a sentence."""
    measurement: Measurement | None = None
    """Figures on the model's test rows (of the row split: on its own); None: not possible."""
    share: float | None = None
    """Its gain over chance in ROC-AUC as a share of the model's; None where that says nothing."""
    share_low: float | None = None
    """The share's bounds when both ROC-AUCs are at the ends of their 95 % intervals."""
    share_high: float | None = None
    close: bool = False
    """Whether that share is at least `CLOSE`, so that the model's score may rest on a shortcut."""
    shared_columns: tuple[str, ...] = ()
    """Columns that the probe sees and the model too, where no model should."""
    note: str | None = None
    """Why there are no figures, or no interval of the share, as a sentence."""

    def as_json(self) -> dict[str, Any]:
        """Return the probe as JSON values."""
        of = self.measurement
        words = ("name", "title", "meaning")
        said = (*words, "share", "share_low", "share_high", "close", "note")
        return {
            **{name: getattr(self, name) for name in said},
            "shared_columns": list(self.shared_columns),
            **{name: getattr(of, name, None) for name in ("rows", "stars", "split")},
            "measurement": None if of is None else of.as_json(),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Probe:
        """Return the probe that `as_json` described."""
        of = saved["measurement"]
        words = ("name", "title", "meaning")
        said = ("share", "share_low", "share_high", "close", "note")
        return cls(
            **{name: saved[name] for name in (*words, *said)},
            shared_columns=tuple(saved["shared_columns"]),
            measurement=None if of is None else Measurement.from_json(of),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeReport:
    """The probes beside a model's score, and what they say of it."""

    probes: tuple[Probe, ...]
    warnings: tuple[str, ...]
    """Sentences that belong beside the score."""
    fitted_on: str
    """Which rows the probes learnt from, as a sentence."""

    def probe(self, name: str) -> Probe:
        """Return the probe of this name.

        Raises
        ------
        KeyError
            When there is none.
        """
        return {probe.name: probe for probe in self.probes}[name]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "probes": [probe.as_json() for probe in self.probes],
            "warnings": list(self.warnings),
            "fitted_on": self.fitted_on,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> ProbeReport:
        """Return the report that `as_json` described."""
        return cls(
            probes=tuple(map(Probe.from_json, saved["probes"])),
            warnings=tuple(saved["warnings"]),
            fitted_on=saved["fitted_on"],
        )


def with_share(probe: Probe, model: Measurement) -> Probe:
    """Return the probe with its share of the model's gain over chance."""
    if probe.measurement is None:
        return probe
    figure, reached = probe.measurement.figure("roc_auc"), model.figure("roc_auc")
    share = _share(figure.value, reached.value)
    if share is None:
        return probe
    low, high = _share(figure.low, reached.high), _share(figure.high, reached.low)
    note = None if low is not None and high is not None else _NO_BOUNDS
    return replace(
        probe, share=share, share_low=low, share_high=high, close=share >= CLOSE, note=note
    )


def _share(of_probe: float | None, of_model: float | None) -> float | None:
    if of_probe is None or of_model is None or of_model - _CHANCE < _HARDLY_A_GAIN:
        return None
    return (of_probe - _CHANCE) / (of_model - _CHANCE)


def warnings_of(probes: Sequence[Probe], model: Measurement) -> tuple[str, ...]:
    """Return what the probes say of the model's score, as sentences."""
    sentences = []
    auc = model.figure("roc_auc")
    if auc.value is not None and auc.value - _CHANCE < _HARDLY_A_GAIN:
        sentences.append(
            f"The model ranks hardly better than chance (ROC-AUC {decimal(auc.value)}); what the"
            " probes reach cannot be set against it."
        )
    for probe in probes:
        if probe.shared_columns:
            sentences.append(
                f"The model sees {', '.join(probe.shared_columns)}, which"
                f" {'says' if len(probe.shared_columns) == 1 else 'say'} how well the host star is"
                " known: that follows the follow-up of planets and is no physics."
            )
        reached = None if probe.measurement is None else probe.measurement.figure("roc_auc").value
        if reached is None or auc.value is None:
            continue
        if probe.close and probe.share is not None:
            part = (
                "as much as"
                if probe.share >= 1
                else f"{percent(probe.share)} of the gain over chance of"
            )
            sentences.append(
                f"{probe.title} give ROC-AUC {decimal(reached)}, {part} the model with"
                f" {decimal(auc.value)}: its score may rest on this shortcut and not on physics."
            )
        elif probe.name == ROW_SPLIT and auc.high is not None and reached > auc.high:
            # Near 1 three digits would make both the same.
            digits = CARD if decimal(reached) == decimal(auc.value) else SENTENCE
            claimed, true = decimal(reached, digits), decimal(auc.value, digits)
            sentences.append(
                f"A split that divides stars would claim ROC-AUC {claimed} for this model instead"
                f" of {true}: it knows stars again that it was trained on."
            )
    return tuple(sentences)

"""The words of the field that the pages use, each with what it means."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.in_words import level
from mlcore.levels import COVERAGE, INTERVAL

__all__ = ["GLOSSARY", "Entry"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A word and what it means."""

    word: str
    meaning: str


_MEANINGS = {
    "Transit": (
        "A planet that passes in front of its star hides a part of it: the star's light dips,"
        " once each orbital period. How deep the dip is tells the planet's size against the"
        " star's, how long it lasts tells about the orbit and the star."
    ),
    "Threshold-crossing event": (
        "A signal that a mission's search found strong enough to be looked at. Most are noise"
        " or the instrument's doing."
    ),
    "Object of interest": (
        "A signal that looks like a transit and was given a name: KOI for Kepler, TOI for"
        " TESS. It need not be a planet."
    ),
    "Vetting": (
        "Telling planets from what only looks like one: eclipsing stars, neighbours whose"
        " light falls into the same pixels, spots, noise."
    ),
    "Disposition": (
        "What the catalogue says of an object: confirmed planet, false positive, or"
        " candidate, which is undecided."
    ),
    "False positive": "An object that is no planet of that star, whatever else causes the signal.",
    "Candidate": (
        "An object of which nobody has shown yet what it is. Models here are not trained on"
        " candidates when they tell planets from false positives; they rank them for follow-"
        " up."
    ),
    "Follow-up": (
        "Further observations that decide what an object is, such as spectra of its star."
        " Telescope time is scarce, so that a good order of candidates is worth it."
    ),
    "Host star": (
        "The star that an object is said to orbit. Training and test rows never share one"
        " here: a model would know the star again."
    ),
    "Calibration": (
        "Making stated probabilities true: of all objects that are given 80 %, eight in ten"
        " have to be planets. It is learnt on stars that the model did not see."
    ),
    "Conformal set": (
        "The answers that cannot be ruled out for an object. It is made so that the true"
        f" answer is in it for {level(COVERAGE)} of the objects of each class. A set of several"
        " answers says honestly that the model does not know."
    ),
    "Novelty": (
        "Whether an object lies outside of what the model was trained on. Its answer is then"
        " a guess, however sure it sounds."
    ),
    "Probe": (
        "A model that knows almost nothing, such as only which values are missing. If it"
        " comes close to the real model, the score may rest on a shortcut and not on physics."
    ),
    "Baseline": "What is reached by always saying how common each class is.",
    "ROC-AUC": (
        "How well a model ranks: the chance that a planet, drawn at random, is placed above a"
        " false positive, drawn at random. 0.5 is chance, 1 is perfect."
    ),
    "Precision": "Of what is called a planet, the share that is one.",
    "Recall": "Of all planets, the share that is called one.",
    "Interval": (
        f"How far a figure could be off by chance alone: {INTERVAL}s here are made by drawing"
        " the host stars anew many times."
    ),
    "Contribution": (
        "How far one value of an object moves the model's answer from that for a typical"
        " object (a SHAP value). All contributions add up to the answer exactly."
    ),
    "Snapshot": (
        "A mission's table as it was on one day, kept unchanged, so that a result can be repeated."
    ),
    "Insolation": "How much light the planet gets from its star, compared with the Earth.",
    "Impact parameter": (
        "How far from the middle of the star's disc the transit crosses it: 0 is the middle,"
        " 1 the edge."
    ),
}
GLOSSARY = tuple(
    Entry(word=word, meaning=meaning)
    for word, meaning in sorted(_MEANINGS.items(), key=lambda entry: entry[0].lower())
)
"""In alphabetical order."""

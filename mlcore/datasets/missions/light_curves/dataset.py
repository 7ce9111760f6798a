"""Transit signals of light curves: a table that is measured here, of curves of any telescope.

Its columns are what the vetting tests measure, so that a signal that was found in somebody's curve
is judged, explained and listed as an object of a catalogue is.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

from mlcore.datasets.missions.kepler import KEPLER
from mlcore.datasets.missions.light_curves import columns
from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS, declared
from mlcore.datasets.publication import Publication
from mlcore.datasets.spec import CarriedTable, Column, Dataset, Disposition, Kind, Role, Scale

__all__ = ["LIGHT_CURVES", "MEASURED_SIGNALS"]

MEASURED_SIGNALS = CarriedTable(
    path=Path(__file__).parents[2] / "carried" / "light_curve_signals.parquet",
    title="table of signals measured in light curves of Kepler and TESS",
    dated=date(2026, 12, 2),
    sha256="cb13fd9a8993fe175149ac844eec11573952039c78151a564d6f15ad96a13623",
    rows=8154,
)

_identifier = partial(Column, unit="", text=True, role=Role.IDENTIFIER)
_STAR_KNOWN = (
    "what is known of a star follows who was looked at closely, which follows the disposition"
)
_of_star = partial(Column, role=Role.BOOKKEEPING, leak=_STAR_KNOWN, of_star=True)

_TREES = {"n_estimators": 300, "learning_rate": 0.05, "max_depth": 3, "subsample": 0.7}
_LIMITS = (
    (
        "It learnt from Kepler's long cadence, 127 days of most stars, and from the shapes of folds"
        " of Kepler and TESS; of other telescopes its probabilities are untested."
    ),
    (
        "Its figures are on signals of four kinds together: KOIs at the catalogue's ephemerides,"
        " what a search found in the same curves, folds of which only the shape is known, and"
        " signals that were made of 300 of these curves: found in them turned over or with their"
        " eighths exchanged (820), eclipses of two stars put into them and seen as such (210),"
        " peaks of noise (65) and ephemerides by chance (38), all false positives, and transits put"
        " into them and found (600, planets)."
    ),
    (
        "Of real signals alone, probabilities of such trees are off by 0.03 on average, for KOIs at"
        " the catalogue's ephemerides as for what a search found (cross-validated by star). A"
        " stated ephemeris is believed more than one that a search chose."
    ),
    (
        "No light curve says whether the transit is the target's or a neighbour's in the same"
        " pixels: that takes centroids or images."
    ),
)

LIGHT_CURVES = Dataset(
    name="lightcurves",
    title="Light-curve transit signals",
    short_title="Light curves",
    kind=Kind.EVENTS,
    archive_table="",
    columns=(
        _identifier(name="signal", meaning="Signal, by its star and its number"),
        _identifier(name="star", meaning="Star"),
        _identifier(name="file", meaning="File of the light curve"),
        Column(
            name="disposition",
            unit="",
            meaning="Disposition of the signal",
            role=Role.LABEL,
            text=True,
            aliases=("label",),
        ),
        Column(
            name="origin",
            unit="",
            meaning="How the signal came to be measured",
            role=Role.BOOKKEEPING,
            text=True,
        ),
        columns.bookkeeping(name="number", meaning="Number of the signal among those of the star"),
        Column(
            name="epoch",
            unit="d",
            meaning="Transit epoch in the curve's own times",
            role=Role.BOOKKEEPING,
        ),
        Column(
            name="time_zero",
            unit="d",
            meaning="Julian date from which the curve's times count, 0 where that is unknown",
            role=Role.BOOKKEEPING,
        ),
        columns.bookkeeping(
            name="false_alarm",
            meaning="Probability that noise alone makes so strong a peak",
            scale=Scale.LOG,
        ),
        columns.bookkeeping(name="points", meaning="Number of points of the light curve"),
        Column(name="span", unit="d", meaning="Span of the light curve", role=Role.BOOKKEEPING),
        Column(
            name="cadence",
            unit="d",
            meaning="Usual spacing of the light curve's points",
            role=Role.BOOKKEEPING,
        ),
        _of_star(name="star_radius", unit="R_sun", meaning="Stellar radius", scale=Scale.LOG),
        _of_star(name="star_mass", unit="M_sun", meaning="Stellar mass", scale=Scale.LOG),
        _of_star(name="star_temperature", unit="K", meaning="Stellar effective temperature"),
        *declared(),
    ),
    label="disposition",
    labels={
        "CONFIRMED": Disposition.CONFIRMED,
        "CANDIDATE": Disposition.CANDIDATE,
        "FALSE POSITIVE": Disposition.FALSE_POSITIVE,
    },
    host="star",
    object_name=("signal",),
    handed_on="the measurements of light curves that this software makes",
    carried=MEASURED_SIGNALS,
    limits=_LIMITS,
    published=(Publication(task="triage", feature_set="measured", hyperparameters=_TREES),),
    references=tuple(
        {
            paper.key: paper
            for paper in (
                *KEPLER.references,
                *(source for test in VETTING_TESTS.values() for source in test.sources),
            )
        }.values()
    ),
)

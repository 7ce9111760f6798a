"""The papers of how probabilities are calibrated and sets promised, by the methods' names."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.references import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CALIBRATION", "CONFORMAL"]

_TEMPERATURE = Reference(
    key="guo2017",
    title="On Calibration of Modern Neural Networks",
    authors="Guo, Chuan and Pleiss, Geoff and Sun, Yu and Weinberger, Kilian Q.",
    year=2017,
    kind="inproceedings",
    where={
        "booktitle": "Proceedings of the 34th International Conference on Machine Learning",
        "pages": "1321--1330",
    },
)
_SIGMOID = Reference(
    key="platt2000",
    title="Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized"
    " Likelihood Methods",
    authors="Platt, John C.",
    year=2000,
    kind="incollection",
    where={"booktitle": "Advances in Large Margin Classifiers", "publisher": "MIT Press"},
)
_ISOTONIC = Reference(
    key="zadrozny2002",
    title="Transforming Classifier Scores into Accurate Multiclass Probability Estimates",
    authors="Zadrozny, Bianca and Elkan, Charles",
    year=2002,
    kind="inproceedings",
    doi="10.1145/775047.775151",
    where={
        "booktitle": "Proceedings of the Eighth ACM SIGKDD International Conference on Knowledge"
        " Discovery and Data Mining",
        "pages": "694--699",
    },
)
_CENTRED = Reference(
    key="oron2017",
    title="Centered Isotonic Regression: Point and Interval Estimation for Dose-Response Studies",
    authors="Oron, Assaf P. and Flournoy, Nancy",
    year=2017,
    doi="10.1080/19466315.2017.1286256",
    where={"journal": "Statistics in Biopharmaceutical Research", "volume": "9"},
)
_SETS = Reference(
    key="vovk2022",
    title="Algorithmic Learning in a Random World",
    authors="Vovk, Vladimir and Gammerman, Alexander and Shafer, Glenn",
    year=2022,
    kind="book",
    doi="10.1007/978-3-031-06649-8",
    where={"publisher": "Springer", "edition": "Second"},
)
_CROSS = Reference(
    key="vovk2015",
    title="Cross-Conformal Predictors",
    authors="Vovk, Vladimir",
    year=2015,
    doi="10.1007/s10472-013-9368-4",
    where={
        "journal": "Annals of Mathematics and Artificial Intelligence",
        "volume": "74",
        "pages": "9--28",
    },
)

CALIBRATION: Mapping[str, tuple[Reference, ...]] = MappingProxyType(
    {
        "temperature": (_TEMPERATURE,),
        "sigmoid": (_SIGMOID,),
        "isotonic": (_ISOTONIC, _CENTRED),
    }
)
"""Of each `mlcore.calibration.methods.CalibrationMethod`, whose module would load what fits it."""
CONFORMAL = (_SETS, _CROSS)

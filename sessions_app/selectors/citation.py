"""What to cite for a session: its data, the methods that it used, and this software."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.calibration.papers import CALIBRATION, CONFORMAL
from mlcore.datasets import DATASETS
from mlcore.models.model_types import MODELS
from mlcore.persistence.manifest import read_json
from mlcore.references import ACKNOWLEDGEMENT, ARCHIVE, Reference, bibtex
from sessions_app.files import storage
from sessions_app.selectors.manifest import artifact_hashes
from sessions_app.selectors.provenance import citation_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.datasets.spec import Dataset
    from sessions_app.models import Session

__all__ = ["citation_of"]

_CALIBRATION, _CONFORMAL = "calibration.json", "conformal.json"
"""Files of a model that has learnt to calibrate, and to make sets."""


def citation_of(session: Session) -> str:
    """Return the BibTeX file of a completed session: nothing that it did not use."""
    comment = f"% {ACKNOWLEDGEMENT}\n\n"
    return comment + bibtex(*_data(session), *_methods(session), _software())


def _data(session: Session) -> Iterator[Reference]:
    """Yield what to cite for the tables: those of all missions that the model learnt from too."""
    named = {session.mission: None, **dict.fromkeys((session.model or {}).get("missions", ()))}
    datasets = [DATASETS[name] for name in named if name in DATASETS]
    for dataset in datasets:
        yield _table(dataset, session)
    yield ARCHIVE
    for dataset in datasets:
        yield from dataset.references


def _table(dataset: Dataset, session: Session) -> Reference:
    snapshot = session.snapshot or session.reference
    own = snapshot is not None and snapshot.mission == dataset.name
    dated = snapshot.dated if own and snapshot else None
    note = f"Table {dataset.archive_table}"
    if dated is not None:
        note += f", as of {dated.isoformat()}"
    if own and snapshot:
        note += f", SHA-256 {snapshot.sha256}"
    year = dated or session.created_at
    return Reference(
        key=f"archive_{dataset.archive_table}",
        title=dataset.title,
        authors="{NASA Exoplanet Science Institute}",
        year=year.year,
        kind="misc",
        doi=dataset.doi,
        where={
            "publisher": "NASA Exoplanet Archive, IPAC",
            "url": "https://exoplanetarchive.ipac.caltech.edu",
            "note": note,
        },
    )


def _methods(session: Session) -> Iterator[Reference]:
    """Yield what to cite for the model, and for what was done with its probabilities."""
    report: dict[str, Any] = session.report or {}
    for name in _model_types(session, report):
        kind = MODELS[name]
        yield from kind.references
        yield from kind.explainer.references
    folder = storage.local_folder(storage.artifact_folder(session.pk))
    kept = artifact_hashes(session)
    if _CALIBRATION in kept:
        yield from CALIBRATION[read_json(folder / _CALIBRATION)["method"]]
    if _CONFORMAL in kept:
        yield from CONFORMAL


def _model_types(session: Session, report: dict[str, Any]) -> list[str]:
    """Return the model's type, and those of the members of an ensemble."""
    own = (session.model or {}).get("model_type")
    trials = (report.get("search") or {}).get("trials", ())
    members = [trial["model_type"] for trial in trials if trial["weight"] > 0]
    return [name for name in dict.fromkeys([own, *members]) if name in MODELS]


def _software() -> Reference:
    said = citation_file()
    names = " and ".join(f"{{{author['name']}}}" for author in said["authors"])
    return Reference(
        key="exoplanet_playground",
        title=str(said["title"]),
        authors=names,
        year=int(str(said["date-released"])[:4]),
        kind="software",
        where={"version": str(said["version"]), "license": str(said["license"])},
    )

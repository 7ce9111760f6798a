"""What a session's job is told: names, numbers and paths.

The paths are this host's: what is kept somewhere else is fetched first.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.jobs.messages import (
    AnalysisJob,
    EvidenceJob,
    ExplainObjectsJob,
    Means,
    ObjectJob,
    PredictionJob,
    TrainingJob,
    ValuesJob,
)
from sessions_app.execution.catalogues import looked_up_in
from sessions_app.execution.evidence import parts_that_are_missing
from sessions_app.files import storage
from sessions_app.files.results import objects_of
from sessions_app.lifecycle import Status
from sessions_app.models import (
    EVIDENCE,
    AnalysisSession,
    DatasetSnapshot,
    FilePurpose,
    PredictionSession,
    SessionKind,
    TrainingSession,
)

if TYPE_CHECKING:
    from sessions_app.models import Session

__all__ = [
    "artifact_of",
    "explain_objects_job_of",
    "job_of",
    "listed_object_job_of",
    "object_job_of",
    "values_job_of",
]


def job_of(session: Session, folder: Path) -> tuple[str, dict[str, Any]]:
    """Return what to run for a session, as ``module:function``, and its argument.

    The folder is a new one, for what the job leaves.
    """
    if session.kind == SessionKind.ANALYSIS:
        analysis = AnalysisSession.objects.select_related("of").get(pk=session.pk)
        if analysis.analysis == EVIDENCE:
            return "mlcore.jobs.evidence:evidence_job", asdict(_evidence_job(analysis, folder))
        return "mlcore.jobs.analyse:analyse_job", asdict(_analysis_job(analysis, folder))
    if session.kind == SessionKind.TRAINING:
        return "mlcore.jobs.run:train_job", asdict(_training_job(session, folder))
    return "mlcore.jobs.run:predict_job", asdict(_prediction_job(session, folder))


def _analysis_job(analysis: AnalysisSession, folder: Path) -> AnalysisJob:
    """Return a job that is told what the session's own job was told."""
    of = analysis.of
    training, prediction = _told(of, folder)
    number = analysis.object_number
    row = objects_of(of).numbered(number) if number else None
    return AnalysisJob(
        analysis=analysis.analysis,
        artifact=_artifact(of),
        training=training,
        prediction=prediction,
        folder=str(folder),
        object_number=number,
        object_name=row.name if row else "",
        wanted=analysis.wanted or None,
        tree=analysis.tree or 1,
        seed=analysis.seed,
    )


def _told(of: Session, folder: Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return what was told to whoever trained a session's model, and what to its prediction."""
    if of.kind == SessionKind.TRAINING:
        return asdict(_training_job(of, folder)), None
    trained = PredictionSession.objects.get(pk=of.pk).published_model
    return asdict(_training_job(trained, folder)), asdict(_prediction_job(of, folder))


def _evidence_job(analysis: AnalysisSession, folder: Path) -> EvidenceJob:
    of = analysis.of
    report = of.report or {}
    trained = of.kind == SessionKind.TRAINING
    return EvidenceJob(
        artifact=_artifact(of),
        training=asdict(_training_job(of, folder)) if trained else None,
        prediction=None if trained else asdict(_prediction_job(of, folder)),
        results=str(storage.local_folder(storage.results_folder(of.pk))),
        folder=str(folder),
        parts=[str(part) for part in parts_that_are_missing(analysis)],
        measurement=report.get("measurement"),
        probes=report.get("probes"),
        search=report.get("search"),
        means=_means(),
    )


def explain_objects_job_of(session: Session, numbers: list[int]) -> ExplainObjectsJob:
    """Return a job that explains some of a completed session's objects."""
    catalogue = session.reference or session.snapshot
    return ExplainObjectsJob(
        artifact=str(storage.artifact_folder(session.pk)),
        results=str(storage.results_folder(session.pk)),
        numbers=numbers,
        seed=session.seed,
        catalogue=catalogue and _file(catalogue),
        means=_means(),
    )


def object_job_of(session: Session, question: str, number: int, **facts: Any) -> ObjectJob:
    """Return a question about one of a completed session's objects."""
    # The folder is of no use to whom only reads, and the same each time.
    training, prediction = _told(session, Path())
    return ObjectJob(
        question=question,
        mission=session.mission,
        artifact=_artifact(session),
        training=training,
        prediction=prediction,
        results=str(storage.local_folder(storage.results_folder(session.pk))),
        number=number,
        means=_means(),
        **facts,
    )


def listed_object_job_of(
    model: TrainingSession, mission: str, question: str, name: str, **facts: Any
) -> ObjectJob:
    """Return a question about an object of a mission's loaded table, which has no session."""
    catalogue = _loaded(mission)
    return ObjectJob(
        question=question,
        mission=mission,
        artifact=_artifact(model),
        catalogue=catalogue and _file(catalogue),
        name=name,
        means=_means(),
        **facts,
    )


def values_job_of(
    model: TrainingSession,
    mission: str,
    values: dict[str, Any],
    *,
    mapping: dict[str, Any],
    seed: int,
) -> ValuesJob:
    """Return a request for the verdict of one object whose values are told.

    A published model is fitted anew where values are lacking, as for a table that lacks columns.
    """
    reference = _loaded(mission)
    order = PredictionJob(
        dataset=mission,
        artifact=_artifact(model),
        folder="",
        seed=seed,
        reference=reference and _file(reference),
        refit=_refit_on(model, Path()) if model.published else None,
        refits=str(storage.refits_folder()),
        mapping=mapping,
        means=_means(),
    )
    return ValuesJob(prediction=asdict(order), values=values)


def artifact_of(session: Session) -> Path:
    """Return the folder, on this host, of a session's model."""
    return storage.local_folder(storage.artifact_folder(session.pk))


def _loaded(mission: str) -> DatasetSnapshot | None:
    return DatasetSnapshot.objects.filter(is_current=True, mission=mission).first()


def _means() -> dict[str, Any]:
    return asdict(
        Means(
            cores=str(storage.cores_folder()),
            core_count=settings.EXOPLANET_CORES,
            memory_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
            computed=str(storage.computed_folder()),
            dask=settings.EXOPLANET_DASK,
        )
    )


def _training_job(session: Session, folder: Path) -> TrainingJob:
    training = TrainingSession.objects.get(pk=session.pk)
    further = list(training.further_snapshots.order_by("dated"))
    dated = session.snapshot.dated if session.snapshot else None
    return TrainingJob(
        **_rows(session, folder),
        model_type=training.model_type,
        hyperparameters=training.hyperparameters,
        task=training.task,
        feature_set=training.feature_set,
        label_derived=training.label_derived,
        protocols=training.protocols,
        snapshot_dated=dated.isoformat() if dated else None,
        older=[_file(snapshot) for snapshot in further if snapshot.mission == session.mission],
        others={
            snapshot.mission: _file(snapshot)
            for snapshot in further
            if snapshot.mission != session.mission
        },
    )


def _prediction_job(session: Session, folder: Path) -> PredictionJob:
    prediction = PredictionSession.objects.select_related("published_model").get(pk=session.pk)
    return PredictionJob(
        **_rows(session, folder),
        artifact=_artifact(prediction.published_model),
        refit=_refit_on(prediction.published_model, folder),
        refits=str(storage.refits_folder()),
        published_probes=(prediction.published_model.report or {}).get("probes"),
    )


def _refit_on(model: TrainingSession, folder: Path) -> dict[str, Any]:
    """Return where the rows are that a model of fewer columns is fitted on."""
    if model.card is None:
        return {"training_job": asdict(_training_job(model, folder))}
    loaded = DatasetSnapshot.objects.filter(is_current=True, mission__in=model.model["missions"])
    return {"snapshots": {snapshot.mission: _file(snapshot) for snapshot in loaded}}


def _rows(session: Session, folder: Path) -> dict[str, Any]:
    files = {
        file.purpose: str(storage.local_file(file.file.name, sha256=file.sha256))
        for file in session.files.all()
    }
    return {
        "dataset": session.mission,
        "folder": str(folder),
        "seed": session.seed,
        "snapshot": session.snapshot and _file(session.snapshot),
        "reference": session.reference and _file(session.reference),
        "second_opinion": session.second_opinion,
        "training_file": files.get(FilePurpose.TRAINING),
        "testing_file": files.get(FilePurpose.TESTING),
        "mapping": session.mapping,
        "names": {file.purpose.removesuffix("_file"): file.name for file in session.files.all()},
        "known_signals": session.known_signals,
        "catalogues": looked_up_in(session),
        "measured": _measured(session),
        "measuring": _measuring(session),
        "evidence": session.waits_for_evidence,
        "means": _means(),
    }


def _measured(session: Session) -> str | None:
    """Return the folder with what the session's own job measured, where it has ended."""
    if session.mission != LIGHT_CURVES.name or session.status != Status.COMPLETED:
        return None
    return str(storage.local_folder(storage.results_folder(session.pk)))


def _measuring(session: Session) -> str | None:
    """Return where what is measured of single stars is kept, while the session runs."""
    if session.mission != LIGHT_CURVES.name or session.status != Status.RUNNING:
        return None
    return str(storage.measuring_folder(session.pk))


def _file(snapshot: DatasetSnapshot) -> str:
    return str(storage.local_file(snapshot.file.name, sha256=snapshot.file_sha256))


def _artifact(session: Session) -> str:
    return str(artifact_of(session))

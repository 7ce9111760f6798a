"""The job that looks more closely at a session: from its model and files to an answer in words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mlcore.analyses.names import Analysis, Question
from mlcore.api import ExplanationAPI
from mlcore.jobs.messages import AnalysisJob, AnalysisResult
from mlcore.jobs.session import subject_of_session
from mlcore.progress import Progress
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["analyse_job"]


def analyse_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Answer a question about a completed session.

    Parameters
    ----------
    argument
        The fields of an `AnalysisJob`.
    emit
        Receives ``{"progress": fraction, "step": words}``.

    Returns
    -------
    dict
        The fields of an `AnalysisResult`; see `mlcore.analyses.answer.answer`.
    """
    job = AnalysisJob(**argument)
    question = Question(
        analysis=Analysis(job.analysis),
        number=job.object_number,
        name=job.object_name,
        wanted=job.wanted,
        tree=job.tree,
    )
    progress = Progress(
        {"Reading the session": 15, "Analysing": 85},
        lambda fraction, step: emit({"progress": fraction, "step": step}),
    )
    with progress.stage("Reading the session"):
        subject = subject_of_session(job)
    with progress.stage("Analysing") as report:
        api = ExplanationAPI(run=RunContext(seed=job.seed, progress=report.nested))
        answer = api.analyse(question, subject)
    mark = subject.model.inputs.mark
    warnings = [f"This session {mark}: its figures flatter it."] if mark else []
    return asdict(AnalysisResult(answer=answer, warnings=warnings))

"""The contract of the first frontend, whole in this file so that it can be removed whole.

Paths, field names and words here are frozen; everything richer lives in the modern API beside it.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from mlcore import DATASETS, MODELS
from mlcore.datasets import CLASSES, Disposition, Kind, of_candidates
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.tasks import DISPOSITION, usual_task
from sessions_app import selectors, services
from sessions_app.access.identity import by_address, caller, refuse_strangers, token_user
from sessions_app.access.ownership import is_private
from sessions_app.access.rate_limits import READING, STARTING, refuse_one_too_many
from sessions_app.api.downloads import sent_result
from sessions_app.api.errors import DATABASE_AWAY, FIELDS_TOO_LARGE, error_response
from sessions_app.api.polls import SESSION_ID, Poll
from sessions_app.api.streaming import json_pieces
from sessions_app.exceptions import RefusedError
from sessions_app.files.upload_handler import file_upload, limit_uploads
from sessions_app.lifecycle import Status
from sessions_app.models import DataSource, Session, SessionKind, TrainingSession
from sessions_app.services import ArchiveData, TrainingChoices, UploadedData
from sessions_app.services.idempotency import Answer, answer_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http.response import HttpResponseBase

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.access.ownership import Owner
    from sessions_app.models import DatasetSnapshot
    from sessions_app.selectors import Standing

_log = logging.getLogger(__name__)

_WORDS = {
    Disposition.CANDIDATE: "Candidate",
    Disposition.FALSE_POSITIVE: "False Positive",
    Disposition.CONFIRMED: "Exoplanet",
}
_STATUSES = {
    Status.QUEUED: "initialized",
    Status.RUNNING: "running",
    Status.COMPLETED: "completed",
    Status.FAILED: "error",
    # The frontend polls for ever on anything that it does not know.
    Status.CANCELLED: "error",
}
_TOP_FEATURES = 8
_MAPPING = ("columns", "label", "label_words")


def _endpoint(
    method: str,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Answer one method, and every failure with the contract's envelope."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method != method and not (method == "GET" and request.method == "HEAD"):
                response = error_response(
                    f"This address takes {method} and not {request.method}.",
                    HTTPStatus.METHOD_NOT_ALLOWED,
                )
                response["Allow"] = method
                return response
            try:
                return view(request, **kwargs)
            except RefusedError as refusal:
                return error_response(
                    refusal.sentence, refusal.status, retry_after=refusal.retry_after
                )
            except RequestDataTooBig:
                return error_response(FIELDS_TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            except (OperationalError, InterfaceError):
                _log.exception("the database does not answer")
                return error_response(DATABASE_AWAY, HTTPStatus.SERVICE_UNAVAILABLE)
            except (MultiPartParserError, SuspiciousOperation, UnicodeError):
                return error_response("The form could not be read.", HTTPStatus.BAD_REQUEST)

        return answer

    return decorate


@_endpoint("GET")
def health(_request: HttpRequest) -> JsonResponse:
    """Tell whether the service works, 503 when it does not."""
    state = selectors.health()
    if state.problems:
        return JsonResponse(
            {"success": False, "status": "degraded", "message": " ".join(state.problems)},
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
    message = f"Exoplanet Playground is running with {state.workers} workers."
    return JsonResponse({"success": True, "status": "healthy", "message": message})


@_endpoint("GET")
def datasets(request: HttpRequest) -> JsonResponse:
    """List the missions."""
    refuse_one_too_many(READING, request, None)
    details = {
        mission: {"title": DATASETS[mission].title, "loaded": snapshot is not None}
        | (_snapshot(snapshot) if snapshot else {"load_with": services.load_command(mission)})
        for mission, snapshot in selectors.current_snapshots().items()
        if mission in of_candidates()
    }
    return JsonResponse({"success": True, "datasets": list(details), "details": details})


def _snapshot(snapshot: DatasetSnapshot) -> dict[str, Any]:
    return {
        "rows": snapshot.rows,
        "test_rows": snapshot.test_rows,
        "columns": snapshot.columns,
        "label_counts": _in_words(snapshot.label_counts),
        "snapshot_date": snapshot.dated,
        "source": snapshot.source,
        "sha256": snapshot.sha256,
    }


def _in_words(of_each: Mapping[str, Any]) -> dict[str, Any]:
    return {_WORDS[Disposition(label)]: value for label, value in of_each.items()}


@_endpoint("GET")
def models(_request: HttpRequest) -> JsonResponse:
    """List the model types, which costs nothing and needs no database."""
    details = {
        name: {
            "label": entry.label,
            "description": entry.description,
            "aliases": list(entry.aliases),
            "hyperparameters": [row.describe() for row in entry.hyperparameters],
        }
        for name, entry in MODELS.items()
    }
    return JsonResponse({"success": True, "models": list(MODELS), "details": details})


@_endpoint("POST")
def train(request: HttpRequest) -> JsonResponse:
    """Start a training session."""

    def start(fields: Mapping[str, Any], owner: Owner) -> Session:
        model_type = _text(fields, "model_type", f"it must be one of {', '.join(MODELS)}")
        hyperparameters = _hyperparameters(fields.get("hyperparameters"))
        data = _data(request, fields)
        return services.start_training(
            model_type=model_type,
            hyperparameters=hyperparameters,
            data=data,
            choices=TrainingChoices(task=_task(data)),
            owner=owner,
        )

    return _start(request, start, "Training started")


@_endpoint("POST")
def predict(request: HttpRequest) -> JsonResponse:
    """Start a prediction session."""

    def start(fields: Mapping[str, Any], owner: Owner) -> Session:
        data = _data(request, fields)
        if isinstance(data, UploadedData):
            # The frontend's page has no field for a testing file.
            data = replace(data, training_may_be_testing=True)
        return services.start_prediction(
            data=data,
            task=_task(data),
            # This contract has no field to choose by.
            fewer_columns=services.FewerColumns.REFIT,
            owner=owner,
        )

    return _start(request, start, "Prediction started")


@_endpoint("GET")
def progress(request: HttpRequest, session_id: str) -> JsonResponse:
    """Tell where a session stands."""
    standing = selectors.standing(_id(session_id))
    known = standing is not None and standing.kind in _KINDS
    if not known or not _may_read(request, standing.owner_key):
        raise _unknown(session_id)
    return JsonResponse(_told(standing))


def _told(standing: Standing) -> dict[str, Any]:
    return {
        "success": True,
        "progress": round(standing.percent),
        "current_step": standing.step,
        "status": _STATUSES[standing.status],
    }


# This contract knows of no analyses.
_KINDS = frozenset(SessionKind) - {SessionKind.ANALYSIS}
POLL = Poll(
    address=re.compile(f"/api/(?:custom|pretrained)/progress/({SESSION_ID})"),
    kinds=_KINDS,
    body=lambda standing: json.dumps(_told(standing)).encode(),
)


@_endpoint("GET")
def result(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Return a completed session's result."""
    refuse_one_too_many(READING, request, None)
    # What the answer is written from is read when it is written, which is once.
    session = (
        Session.objects.filter(pk=_id(session_id), kind__in=_KINDS)
        .only("owner_key", "status", "error", "finished_at")
        .first()
    )
    if session is None or not _may_read(request, session.owner_key):
        raise _unknown(session_id)
    if session.status in {Status.FAILED, Status.CANCELLED}:
        return error_response(session.error, HTTPStatus.INTERNAL_SERVER_ERROR)
    if session.status != Status.COMPLETED:
        raise RefusedError(f"The session has not completed yet: it is {session.status}.")

    def pieces() -> Iterator[bytes]:
        whole = Session.objects.select_related(
            "trainingsession", "predictionsession", "snapshot"
        ).get(pk=session.pk)
        columns = whole.model["columns"]
        return json_pieces(
            before={"success": True, "metrics": _metrics(whole.metrics) or _unmeasured(whole)},
            name="predictions",
            batches=(
                [_prediction(row, columns) for row in batch]
                for batch in selectors.objects_of(whole).batches()
            ),
            after={
                "model_info": _model_info(whole),
                "warnings": whole.warnings,
                **_reading(whole),
            },
        )

    return sent_result(request, session, "old.json", pieces, content_type="application/json")


def _start(
    request: HttpRequest, start: Callable[[Mapping[str, Any], Owner], Session], message: str
) -> JsonResponse:
    """Start a session for the caller: a user by their token alone, anybody else by address.

    The frontend of this contract sends no cookies, and those of other pages must not count, since
    nothing here asks for a CSRF token.
    """
    user = token_user(request)
    refuse_strangers(user)
    refuse_one_too_many(STARTING, request, user)
    limit_uploads(request)
    fields = _fields(request)
    owner = by_address(request) if user is None else caller(request, user)

    def accept() -> Answer:
        session = start(fields, owner)
        body = {"success": True, "session_id": str(session.id), "message": message}
        warnings = {"warnings": session.warnings} if session.warnings else {}
        return Answer(status=HTTPStatus.ACCEPTED, body=body | warnings | _reading(session))

    answer = answer_once(request, fields, owner, accept)
    return JsonResponse(answer.body, status=answer.status, headers=answer.headers)


def _reading(session: Session) -> dict[str, Any]:
    """Return what was read from the session's files, nothing where it has none."""
    return {"reading": session.reading} if session.reading else {}


def _may_read(request: HttpRequest, owner_key: str) -> bool:
    # Who asks is not looked at as long as everybody with the id may know.
    if not is_private(owner_key):
        return True
    return caller(request, token_user(request) or request.user).may_read(owner_key)


def _fields(request: HttpRequest) -> Mapping[str, Any]:
    if request.content_type == "application/json":
        try:
            fields = json.loads(request.body)
        except (ValueError, RecursionError):
            raise RefusedError("The request's body is not valid JSON.") from None
        if not isinstance(fields, dict):
            raise RefusedError("The request's body must be a JSON object.")
        return fields
    return request.POST


def _text(fields: Mapping[str, Any], name: str, allowed: str) -> str:
    value = fields.get(name)
    if value is None or value == "":
        raise RefusedError(f"{name} is missing; {allowed}.", field=name)
    if not isinstance(value, str):
        raise RefusedError(f"{name} must be text; {allowed}.", field=name)
    return value


def _hyperparameters(sent: Any) -> Mapping[str, Any]:
    if sent is None or sent == "":
        return {}
    if isinstance(sent, str):
        try:
            sent = json.loads(sent)
        except (ValueError, RecursionError):
            raise RefusedError(
                "hyperparameters must be a JSON object, such as"
                ' {"n_estimators": 200}, and this is not valid JSON.',
                field="hyperparameters",
            ) from None
    if not isinstance(sent, dict):
        raise RefusedError(
            "hyperparameters must be a JSON object of names and values.", field="hyperparameters"
        )
    return sent


def _data(request: HttpRequest, fields: Mapping[str, Any]) -> ArchiveData | UploadedData:
    source = _text(fields, "data_source", "it must be nasa or user").strip().lower()
    mapping = services.column_mapping(source, **{name: fields.get(name) for name in _MAPPING})
    if source == DataSource.NASA:
        return ArchiveData(mission=_mission(fields, "dataset_name"), field="dataset_name")
    if source != DataSource.USER:
        raise RefusedError(
            f"data_source was {source[:60]!r}, but it must be nasa or user.", field="data_source"
        )
    mission = fields.get("data_format") or next(iter(of_candidates()))
    return UploadedData(
        mission=_mission({"data_format": mission}, "data_format", LIGHT_CURVES.name),
        field="data_format",
        training=file_upload(request.FILES.get("training_file")),
        testing=file_upload(request.FILES.get("testing_file")),
        mapping=mapping,
    )


def _task(data: ArchiveData | UploadedData) -> str:
    """Return what is asked: of light curves the only question that they have."""
    dataset = DATASETS[data.mission.strip().lower()]
    return DISPOSITION.name if dataset.kind is Kind.CANDIDATES else usual_task(dataset).name


def _mission(fields: Mapping[str, Any], field: str, *further: str) -> str:
    """Return the mission that a field names: one whose table holds candidates, or a further one."""
    allowed = (*of_candidates(), *further)
    known = f"it must be one of {', '.join(allowed)}"
    mission = _text(fields, field, known)
    if mission.strip().lower() not in allowed:
        raise RefusedError(
            f"{field} was {mission[:60]!r}, but {known}.", field=field, allowed=allowed
        )
    return mission


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown(text) from None


def _unknown(text: str) -> RefusedError:
    return RefusedError(
        f"There is no session {text[:60]}.", field="session_id", status=HTTPStatus.NOT_FOUND
    )


def _metrics(metrics: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if metrics is None:
        return None
    return {
        "accuracy": metrics["accuracy"],
        "precision": metrics["precision"],
        "recall": metrics["recall"],
        "f1_score": metrics["f1"],
        "confusion_matrix": metrics["confusion_matrix"],
        "labels": [_WORDS[Disposition(label)] for label in metrics["classes"]],
        "average": metrics["average"],
        "per_class": _in_words(metrics["per_class"]),
        "rows": metrics["rows"],
        "split": metrics["split"],
        # The same numbers, each with its interval, its rows and its split.
        "figures": [
            figure | {"of": None if figure["of"] is None else _WORDS[Disposition(figure["of"])]}
            for figure in metrics.get("figures", ())
        ],
    }


def _unmeasured(session: Session) -> dict[str, Any]:
    """Return why there are no figures: without its accuracy the frontend shows all rows."""
    return {
        "rows": session.model["test_rows"],
        "note": "No row has a true label, so that nothing can be measured.",
    }


def _prediction(row: ObjectPrediction, columns: list[str]) -> dict[str, Any]:
    moved = zip(columns, row.contributions or [0.0] * len(columns), strict=True)
    contributions = sorted(moved, key=lambda pair: -abs(pair[1]))
    answer = {
        "id": row.number,
        "name": row.name,
        "prediction": _WORDS[Disposition(row.label)],
        "confidence": selectors.confidence(row),
        "probabilities": _in_words(dict(zip(CLASSES, row.probabilities, strict=True))),
        "reasons": row.reasons or [],
        "temperature": row.temperature,
        "feature_importance": dict(contributions[:_TOP_FEATURES]),
        "features": dict(zip(columns, row.values or [None] * len(columns), strict=True)),
    }
    return answer | ({"actual": _WORDS[Disposition(row.actual)]} if row.actual else {})


def _model_info(session: Session) -> dict[str, Any]:
    model = session.model
    info = {
        "model_type": model["model_type"],
        "feature_count": len(model["columns"]),
        "features": model["columns"],
        "hyperparameters": model["hyperparameters"],
        "test_size": model["test_rows"],
        "dataset": session.mission,
        "data_source": session.data_source,
        "seed": model["seed"],
        "versions": model["versions"],
    }
    if fewer := (session.report or {}).get("fewer_columns"):
        info["fitted_without"] = fewer["lacking"]
    if session.snapshot:
        info["snapshot"] = {"date": session.snapshot.dated, "sha256": session.snapshot.sha256}
    if hasattr(session, "predictionsession"):
        prediction = session.predictionsession
        published: TrainingSession = prediction.published_model
        return info | {
            "train_size": model["fine_tuning_rows"] or published.model["train_rows"],
            "published_model": str(published.id),
            "fine_tuned": model["fine_tuned"],
            "added_rounds": model["added_rounds"],
            "metrics_before_fine_tuning": _metrics(prediction.metrics_before),
        }
    return info | {"train_size": model["train_rows"]}


urlpatterns = [
    path("health", health),
    path("datasets", datasets),
    path("models", models),
    path("custom/train", train),
    path("pretrained/predict", predict),
    *(
        path(f"{pair}/{name}/<str:session_id>", view)
        for pair in ("custom", "pretrained")
        for name, view in (("progress", progress), ("result", result))
    ),
]

"""A session's model in the modern API: what it consists of, and the model as one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.reverse import reverse

from sessions_app.api.sending import sent_file
from sessions_app.selectors.artifacts import ModelFormat, artifact_of, model_file

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from sessions_app.models import Session

__all__ = ["OffersArtifacts"]

_CONTENT_TYPES = {ModelFormat.ZIP: "application/zip", ModelFormat.ONNX: "application/octet-stream"}
_NONE = {
    409: OpenApiResponse(description="The session has no result, or no such file can be made."),
    410: OpenApiResponse(description="The model is no longer on this server."),
}


class ArtifactFileSerializer(serializers.Serializer[Any]):
    """One of a model's files."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField(
        help_text="Empty for the manifest, which has those of the others."
    )


class ArtifactDownloadSerializer(serializers.Serializer[Any]):
    """What a model can be downloaded as."""

    format = serializers.ChoiceField(choices=[(str(kind), str(kind)) for kind in ModelFormat])
    url = serializers.URLField()


class ArtifactSerializer(serializers.Serializer[Any]):
    """A session's model."""

    model_type = serializers.CharField()
    files = ArtifactFileSerializer(many=True)
    downloads = ArtifactDownloadSerializer(many=True)


class OffersArtifacts:
    """Adds the model below a session's address."""

    @extend_schema(
        summary="List the files of a session's model",
        responses={200: ArtifactSerializer, **_NONE},
    )
    @action(detail=True)
    def artifacts(self: Any, request: Request, pk: Any = None) -> Response:
        """List what the model consists of, and what it can be downloaded as."""
        artifact = artifact_of(self._completed())
        downloads = [
            {
                "format": kind,
                "url": reverse(f"{self.basename}-model-{kind}", args=[pk], request=request),
            }
            for kind in artifact.formats
        ]
        told = {"model_type": artifact.model_type, "files": artifact.files, "downloads": downloads}
        return Response(ArtifactSerializer(told).data)

    @extend_schema(
        summary="Download a session's model",
        description="Its folder as a ZIP archive with the manifest: skops files, or a booster's own"
        " JSON. Once unpacked, `mlcore.load_artifact` reads it.",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **_NONE},
    )
    @action(detail=True, url_path="artifacts/model.zip", url_name="model-zip")
    def model_zip(self: Any, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Download the model as it is kept."""
        return _sent(request, self._completed(), ModelFormat.ZIP)

    @extend_schema(
        summary="Download a session's model as ONNX",
        description="Input `features`: the model's columns in their order and units, double"
        " precision, NaN where a value is missing; the metadata names them. Outputs"
        " `probabilities`, which is calibrated where a calibration was learnt, and `uncalibrated`,"
        " of each class in the metadata's order.",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **_NONE},
    )
    @action(detail=True, url_path="artifacts/model.onnx", url_name="model-onnx")
    def model_onnx(self: Any, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Download the classifier for any runtime of ONNX; 409 where it cannot be written so."""
        return _sent(request, self._completed(), ModelFormat.ONNX)


def _sent(request: Request, session: Session, kind: ModelFormat) -> HttpResponseBase:
    name = f"exoplanet-{session.mission}-{str(session.pk)[:8]}-model.{kind}"
    return sent_file(
        request,
        model_file(session, kind),
        content_type=_CONTENT_TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
        },
    )

"""A session's manifest in the modern API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from sessions_app.api.downloads import sent_result
from sessions_app.models import SessionKind
from sessions_app.selectors.manifest import manifest_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

__all__ = ["ShowsManifest"]


class ManifestSoftwareSerializer(serializers.Serializer[Any]):
    """What made the session."""

    title = serializers.CharField()
    version = serializers.CharField()


class ManifestSessionSerializer(serializers.Serializer[Any]):
    """The session that a manifest is of."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[SessionKind.TRAINING, SessionKind.PREDICTION])
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ManifestSnapshotSerializer(serializers.Serializer[Any]):
    """A mission's table that was used."""

    mission = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the source.")
    file_sha256 = serializers.CharField(help_text="Of the file that sessions read.")
    dated = serializers.DateField(allow_null=True)
    source_description = serializers.CharField(help_text="Where it came from, in words.")
    rows = serializers.IntegerField()


class ManifestFileSerializer(serializers.Serializer[Any]):
    """A file that was sent."""

    field = serializers.CharField(help_text="The request's field that brought it.")
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()


class ManifestPredictionsSerializer(serializers.Serializer[Any]):
    """The predictions, to be compared."""

    rows = serializers.IntegerField()
    sha256 = serializers.DictField(child=serializers.CharField(), help_text="Of each column.")


class ManifestSerializer(serializers.Serializer[Any]):
    """All that is needed to repeat a session, and to tell whether it came out the same."""

    format = serializers.IntegerField(help_text="Of the manifest.")
    software = ManifestSoftwareSerializer()
    session = ManifestSessionSerializer()
    request = serializers.DictField(help_text="What was asked for.")
    snapshot = ManifestSnapshotSerializer(allow_null=True)
    reference = ManifestSnapshotSerializer(
        allow_null=True, help_text="What the user's rows were compared with."
    )
    catalogues = ManifestSnapshotSerializer(
        many=True, help_text="What signals of light curves were looked up in."
    )
    files = ManifestFileSerializer(many=True)
    versions = serializers.DictField(child=serializers.CharField(), help_text="Of libraries.")
    machine = serializers.CharField(help_text="The processor's kind.")
    model_info = serializers.DictField()
    artifact = serializers.DictField(
        child=serializers.CharField(), help_text="SHA-256 of each of the model's files."
    )
    metrics = serializers.DictField()
    predictions = ManifestPredictionsSerializer()


class ShowsManifest:
    """Adds the manifest below a session's address."""

    @extend_schema(
        summary="Show all that is needed to repeat a session",
        description="The request, the seed, the SHA-256 of the table, of files sent and of the"
        " model's files, library versions, the figures, and digests of the predictions."
        " `manage.py rerun` repeats the session and compares.",
        responses=ManifestSerializer,
    )
    @action(detail=True)
    def manifest(self: Any, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Return the manifest of a completed session; 409 as long as it has not completed."""
        session = self._completed()
        name = f"exoplanet-{session.mission}-{str(session.pk)[:8]}-manifest.json"
        return sent_result(
            request,
            session,
            "manifest.json",
            lambda: iter([json.dumps(manifest_of(session), indent=1).encode()]),
            content_type="application/json",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )

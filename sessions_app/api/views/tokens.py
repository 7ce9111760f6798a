"""Tokens: a password is sent once, and a token with each request from then on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.access.rate_limits import LOGGING_IN, STARTING
from sessions_app.api.faults import RequestSerializer
from sessions_app.api.parameters import KnownParameters
from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["TokenView"]


class CredentialsSerializer(RequestSerializer):
    """Who asks for a token."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)


class TokenSerializer(serializers.Serializer[Any]):
    """A token, sent as `Authorization: Token <token>`."""

    token = serializers.CharField()


class TokenView(KnownParameters, APIView):
    """A user's token."""

    @property
    def throttle_scope(self) -> str:
        """Return how often this may be asked: a password can be guessed, a token cannot."""
        return LOGGING_IN if self._asks_for_one() else STARTING

    def get_authenticators(self) -> list[Any]:
        """Return how the caller is known: who sends a password need not be."""
        return [] if self._asks_for_one() else super().get_authenticators()

    def get_permissions(self) -> list[Any]:
        """Return what the caller has to be."""
        return [AllowAny() if self._asks_for_one() else IsAuthenticated()]

    def _asks_for_one(self) -> bool:
        request = getattr(self, "request", None)
        return request is not None and request.method == "POST"

    @extend_schema(
        request=CredentialsSerializer,
        responses={200: TokenSerializer, 400: OpenApiResponse(description="No such user.")},
        summary="Get a token",
    )
    def post(self, request: Request) -> Response:
        """Return the token of the user whose name and password are sent."""
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request=request._request, **credentials.validated_data)  # noqa: SLF001 - Django's own request
        if user is None:
            raise RefusedError(
                "username and password do not belong to a user of this server.", field="password"
            )
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key}, headers={"Cache-Control": "no-store"})

    @extend_schema(responses={204: None}, summary="Revoke the token")
    def delete(self, request: Request) -> Response:
        """Make the caller's token worthless; the next one is another."""
        Token.objects.filter(user=request.user).delete()
        return Response(status=HTTPStatus.NO_CONTENT)

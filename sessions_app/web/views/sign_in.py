"""Signing in and out on the pages, and in the admin."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from sessions_app.access.rate_limits import LOGGING_IN, seconds_to_wait

if TYPE_CHECKING:
    from django.http import HttpResponse

_TOO_MANY = "too_many"


class _Counted:
    """A form for a password that tries no more of them a minute than may be guessed."""

    request: Any

    def clean(self) -> Any:
        wait = seconds_to_wait(LOGGING_IN, self.request, None)
        if wait:
            raise ValidationError(
                f"Too many passwords were sent from this address: wait {wait} seconds.",
                code=_TOO_MANY,
            )
        return super().clean()  # type: ignore[misc]


class _Form(_Counted, AuthenticationForm):
    """The form of the pages."""


class _AdminForm(_Counted, AdminAuthenticationForm):
    """The admin's form."""


class SignIn(views.LoginView):
    """The page with the form; it leads back to where it was asked for."""

    template_name = "sign_in.html"
    authentication_form = _Form

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say why, with the status of a refusal."""
        response = super().form_invalid(form)
        slow = form.has_error("__all__", code=_TOO_MANY)
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS if slow else HTTPStatus.BAD_REQUEST
        return response


def slow_down_guessing_in_the_admin() -> None:
    """Count the passwords that the admin is sent, too."""
    admin.site.login_form = _AdminForm

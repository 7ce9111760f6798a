"""Who makes a request: a user, a browser that was here before, or just an address.

A user is known by a token or by the session of Django. Anybody else gets a cookie with a random key
when they start their first session, which lists their sessions for them; what it holds is signed,
and no script can read it.
"""

from __future__ import annotations

import ipaddress
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework.authentication import TokenAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from sessions_app.access.ownership import ADDRESS, ANONYMOUS, USER, Act, Owner
from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = [
    "BAD_TOKEN",
    "COOKIE",
    "SIGN_IN",
    "address_key",
    "by_address",
    "caller",
    "refuse_strangers",
    "refuse_unless_allowed",
    "remember",
    "starter",
    "token_user",
]

COOKIE = "exoplanet_visitor"
BAD_TOKEN = "The token is not valid."  # noqa: S105 - a sentence
SIGN_IN = "Only users who are signed in can do this: send a token, or sign in."

_SALT = "sessions_app.visitor"
_LIFE = 365 * 24 * 3600
"""How long a browser keeps its cookie [s]."""


def caller(request: HttpRequest, user: Any) -> Owner:
    """Return who makes a request, to find what they may see; its user may be an anonymous one."""
    if user is not None and user.is_authenticated:
        key = f"{USER}{user.pk}"
        permissions = frozenset(user.get_all_permissions() if user.is_staff else ())
        return Owner(
            key=key,
            user_id=user.pk,
            staff=user.is_staff,
            permissions=permissions,
            counted_as=key,
        )
    visitor, address = _visitor(request), address_key(request)
    key = f"{ANONYMOUS}{visitor}" if visitor else ""
    return Owner(key=key, counted_as=key or address, address=address)


def starter(request: HttpRequest, user: Any) -> tuple[Owner, str]:
    """Return who makes a request to start a session, and the key of a new visitor.

    The answer has to make the browser `remember` the key; it is empty when there is nothing new.
    """
    owner = caller(request, user)
    if owner.key:
        return owner, ""
    visitor = secrets.token_urlsafe(24)
    owner = Owner(key=f"{ANONYMOUS}{visitor}", counted_as=owner.counted_as, address=owner.address)
    return owner, visitor


def by_address(request: HttpRequest) -> Owner:
    """Return the owner of what is started without an account and without a cookie."""
    address = address_key(request)
    return Owner(key=address, counted_as=address, address=address)


def refuse_strangers(user: Any) -> None:
    """Refuse, with 401, whoever is not signed in, where the server is for its users alone."""
    known = user is not None and user.is_authenticated
    if not settings.EXOPLANET_ANONYMOUS and not known:
        raise RefusedError(SIGN_IN, status=HTTPStatus.UNAUTHORIZED)


def refuse_unless_allowed(caller: Owner, act: Act, session: Any) -> None:
    """Refuse, with 403, a caller who may see a session and not do this to it."""
    if not caller.may(act, session):
        raise RefusedError(
            f"Your account may see this session and not {act} it: the permission is missing."
            if caller.staff
            else "The session is the server's own: only its operators may change it.",
            status=HTTPStatus.FORBIDDEN,
        )


def remember(response: HttpResponseBase, visitor: str) -> None:
    """Give the browser the cookie of a new visitor."""
    response.set_signed_cookie(
        COOKIE,
        visitor,
        salt=_SALT,
        max_age=_LIFE,
        httponly=True,
        samesite="Lax",
        secure=settings.EXOPLANET_HTTPS,
    )


def token_user(request: HttpRequest) -> Any:
    """Return the user whose token a request carries; 401 when it is nobody's, None without one."""
    if not get_authorization_header(request):
        return None
    try:
        authenticated = TokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        raise RefusedError(BAD_TOKEN, status=HTTPStatus.UNAUTHORIZED) from None
    return authenticated[0] if authenticated else None


def address_key(request: HttpRequest) -> str:
    """Return what stands for the address that a request came from.

    The address itself is kept nowhere. A caller of IPv6 owns a whole network of 64 bits, which
    counts as one.
    """
    address = _address(request)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        place = "unknown"
    else:
        if isinstance(parsed, ipaddress.IPv6Address):
            parsed = parsed.ipv4_mapped or parsed
        bits = 32 if parsed.version == 4 else 64
        place = str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))
    return ADDRESS + salted_hmac("sessions_app.address", place, algorithm="sha256").hexdigest()[:32]


def _address(request: HttpRequest) -> str:
    proxies = settings.EXOPLANET_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    # Each proxy adds its client at the end; what stands before is the caller's own invention.
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def _visitor(request: HttpRequest) -> str:
    origin = request.headers.get("Origin")
    # Another origin's page may be of the same site, so that the cookie comes; it does not count.
    if origin is not None and origin != f"{request.scheme}://{request.get_host()}":
        return ""
    return str(request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_LIFE) or "")

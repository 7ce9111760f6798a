"""What the growth benchmark asks of a server: every list, every page, every page of the admin."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from sessions_app.benchmark.private_server import ServerError
from sessions_app.models import TrainingSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.contrib.admin import ModelAdmin

    from sessions_app.benchmark.filling import Originals

__all__ = ["Asked", "asked", "operator_of"]

_V1 = "/api/v1"
_LARGEST_PAGE = 500
_MOST_PAGED = 9_999


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request."""

    what: str
    """Its address without what is of this database alone, and who asks."""
    ask: Callable[[], object]
    """Makes it and reads the answer to its end."""
    as_when_empty: bool = False
    """Whether it must take what it takes on a database without history."""


def operator_of(name: str = "grown-operator") -> User:
    """Return a user who may see and do everything."""
    user, _ = User.objects.get_or_create(username=name, is_staff=True, is_superuser=True)
    return user


def asked(ran: Originals) -> Iterator[Asked]:
    """Yield every request, in the order of the table; a single session is one that ran."""
    operator, user = _client(operator_of()), _client(User.objects.get(username="grown-0"))
    yield from _watched(ran)
    yield from _pages(user, operator, ran)
    yield from _api(user, operator, ran)
    yield from _old_contract(ran)
    yield from _admin(operator, ran)


def _client(user: User | None = None) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    if user is not None:
        client.force_login(user)
    return client


def _get(
    client: Client, address: str, who: str, *, shown: str = "", as_when_empty: bool = False
) -> Asked:
    def ask() -> None:
        answer = client.get(address)
        # Where no worker runs the server says that it is not well.
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}:
            raise ServerError(f"{address} was answered with {answer.status_code}.")
        if answer.streaming:
            for _ in answer.streaming_content:
                pass

    words = f"GET {shown or address}" + (f", {who}" if who else "")
    return Asked(what=words, ask=ask, as_when_empty=as_when_empty)


def _watched(ran: Originals) -> Iterator[Asked]:
    """Yield what is asked all the time, by whoever waits or watches."""
    client = _client()
    session = ran.training
    for address in ("/api/health", f"{_V1}/ready"):
        yield _get(client, address, "", as_when_empty=True)
    yield _get(
        client,
        f"/api/custom/progress/{session}",
        "",
        shown="/api/custom/progress/<id>",
        as_when_empty=True,
    )
    yield _get(
        client,
        f"{_V1}/training-sessions/{session}/progress",
        "",
        shown=f"{_V1}/training-sessions/<id>/progress",
        as_when_empty=True,
    )
    yield _get(client, "/metrics", "")


def _pages(user: Client, operator: Client, ran: Originals) -> Iterator[Asked]:
    for address in ("/", "/models", "/features", "/train", "/predict"):
        yield _get(user, address, "a user")
    model = TrainingSession.objects.filter(published=True).values_list("pk", flat=True)[0]
    yield _get(user, f"/models/{model}", "a user", shown="/models/<id>")
    for client, who in ((user, "a user"), (operator, "an operator")):
        for place in ("", "?page=100", "?page=1000000"):
            yield _get(client, f"/sessions/{place}", who)
    for kind, session_id in asdict(ran).items():
        yield _get(operator, f"/sessions/{session_id}", kind, shown="/sessions/<id>")
    session = ran.training
    for below in ("/objects", "/objects?sort=follow_up", "/objects/1", "/charts/roc.svg"):
        yield _get(operator, f"/sessions/{session}{below}", "", shown=f"/sessions/<id>{below}")


def _api(user: Client, operator: Client, ran: Originals) -> Iterator[Asked]:
    yield _get(user, f"{_V1}/models", "")
    yield _get(user, f"{_V1}/features", "")
    model = TrainingSession.objects.filter(published=True).values_list("pk", flat=True)[0]
    yield _get(user, f"{_V1}/models/{model}", "", shown=f"{_V1}/models/<id>")
    yield _get(user, f"{_V1}/models/{model}/verdicts", "", shown=f"{_V1}/models/<id>/verdicts")
    for name in ("training-sessions", "prediction-sessions", "analyses"):
        for client, who in ((user, "a user"), (operator, "an operator")):
            for page in ("", "?page=last", f"?page_size={_LARGEST_PAGE}", "?status=failed"):
                yield _get(client, f"{_V1}/{name}{page}", who)
    session = ran.training
    for below in ("", "/predictions", "/objects/1"):
        address = f"{_V1}/training-sessions/{session}{below}"
        yield _get(operator, address, "", shown=f"{_V1}/training-sessions/<id>{below}")
    yield _get(
        operator,
        f"{_V1}/prediction-sessions/{ran.prediction}",
        "",
        shown=f"{_V1}/prediction-sessions/<id>",
    )
    yield _get(operator, f"{_V1}/analyses/{ran.analysis}", "", shown=f"{_V1}/analyses/<id>")


def _old_contract(ran: Originals) -> Iterator[Asked]:
    client = _client()
    yield _get(client, "/api/datasets", "")
    yield _get(client, "/api/models", "")
    yield _get(
        client,
        f"/api/custom/result/{ran.training}",
        "all rows",
        shown="/api/custom/result/<id>",
    )


def _admin(operator: Client, ran: Originals) -> Iterator[Asked]:
    yield _get(operator, reverse("admin:index"), "")
    # What is registered, so that a new page is measured by itself.
    for model, shown in sorted(admin.site._registry.items(), key=lambda pair: pair[0].__name__):  # noqa: SLF001 - documented
        yield from _changelist(operator, model, shown, ran)


def _changelist(
    operator: Client, model: type[Any], shown: ModelAdmin[Any], ran: Originals
) -> Iterator[Asked]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"  # noqa: SLF001 - documented
    address = reverse(f"{name}_changelist")
    yield _get(operator, address, "")
    ids = model._default_manager.order_by("-pk").values_list("pk", flat=True)  # noqa: SLF001 - documented
    newest = ran.training if model is TrainingSession else ids.first()
    if newest is None:
        return
    last = min(ids.count() - 1, _MOST_PAGED) // shown.list_per_page + 1
    yield _get(operator, f"{address}?p={last}", "", shown=f"{address}?p=<the last>")
    if shown.search_fields:
        for word, words in ((str(ran.training), "a session's id"), ("kepler", "a word")):
            query = urlencode({"q": word})
            yield _get(operator, f"{address}?{query}", "", shown=f"{address}?q=<{words}>")
    for choice in _filters(address, shown):
        yield _get(operator, f"{address}{choice}", "")
    for column in range(1, len(shown.list_display) + 1):
        yield _get(operator, f"{address}?o={column}", "")
    yield _get(
        operator,
        reverse(f"{name}_change", args=[newest]),
        "",
        shown=reverse(f"{name}_change", args=["0"]).replace("/0/", "/<id>/"),
    )


def _filters(address: str, shown: ModelAdmin[Any]) -> Iterator[str]:
    """Yield the query of one choice of each filter, as the page itself links to them."""
    request = RequestFactory().get(address)
    request.user, request.resolver_match = operator_of(), resolve(address)
    changes = shown.get_changelist_instance(request)
    for one in changes.filter_specs:
        choices = [choice["query_string"] for choice in one.choices(changes)]
        if len(choices) > 1:
            yield choices[-1]

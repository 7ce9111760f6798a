"""What users sent and what was trained lies in the media folder, and no address leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import get_resolver

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db

SECRET = b"nobody else may read this"
FILE = "uploads/0f-training_file"


@pytest.mark.parametrize(
    "address",
    [
        f"/{FILE}",
        f"/media/{FILE}",
        f"/static/{FILE}",
        f"/static/media/{FILE}",
        f"/static/../media/{FILE}",
        f"/static/..%2fmedia/{FILE}",
        f"/static/%2e%2e/media/{FILE}",
        f"/static/..%5cmedia/{FILE}",
        f"/admin/media/{FILE}",
        f"/api/media/{FILE}",
        "/static/{media}/" + FILE,
        "/static//{media}/" + FILE,
        "/{media}/" + FILE,
    ],
)
def test_no_address_leads_into_the_media_folder(client: Client, media: Path, address: str) -> None:
    file = media / FILE
    file.parent.mkdir()
    file.write_bytes(SECRET)
    answer = client.get(address.format(media=media))
    assert answer.status_code in {301, 302, 404}
    assert SECRET not in answer.getvalue()


def test_no_folder_of_static_files_is_one_of_media_or_state() -> None:
    kept = (settings.MEDIA_ROOT, settings.EXOPLANET_STATE_DIR)
    for finder in finders.get_finders():
        for _, storage in finder.list([]):
            for folder in kept:
                assert not folder.is_relative_to(storage.location)
                assert not storage.path("").startswith(str(folder))


def test_no_view_serves_files_from_a_folder() -> None:
    def views(patterns: Any) -> list[str]:  # type: ignore[no-untyped-def]
        names: list[str] = []
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                names += views(pattern.url_patterns)
            else:
                names.append(f"{pattern.callback.__module__}.{pattern.callback.__qualname__}")
        return names

    assert "django.views.static.serve" not in views(get_resolver().url_patterns)

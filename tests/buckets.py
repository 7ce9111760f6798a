"""An S3-like store on the loopback, which can be stopped and started again."""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from django.core.files.storage import storages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["BucketServer", "close_connections", "storages_of"]

KEYS = {
    "AWS_ACCESS_KEY_ID": "anybody",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What boto3 finds in the environment."""
_ATTEMPTS = {"default": 1, "patient": 2, "probe": 1}


def storages_of(bucket: dict[str, Any], *, patience: int = 2) -> dict[str, Any]:
    """Return the settings' storages on a bucket, with little patience."""
    options = {**bucket, "seconds": 5}
    attempts = _ATTEMPTS | {"patient": patience}
    return {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        **{
            name: {
                "BACKEND": "sessions_app.files.bucket.Bucket",
                "OPTIONS": {**options, "attempts": number},
            }
            for name, number in attempts.items()
        },
    }


def close_connections() -> None:
    """Close what this thread's storages are connected by, which nothing else would."""
    for name in _ATTEMPTS:
        connection = getattr(storages[name]._connections, "connection", None)
        if connection is not None:
            connection.meta.client.close()


class BucketServer:
    """Moto's server in a thread; what is in its buckets outlives a stop."""

    def __init__(self) -> None:
        pytest.importorskip("boto3", reason="the extra s3 is not installed")
        pytest.importorskip("storages", reason="the extra s3 is not installed")
        server = pytest.importorskip("moto.server", reason="moto is not installed")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._make = server.ThreadedMotoServer
        self._running: Any = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        return self._running is not None

    def start(self) -> None:
        if self._running is None:
            self._running = self._make(ip_address="127.0.0.1", port=self._port, verbose=False)
            self._running.start()
            self._port = self._running.get_host_and_port()[1]

    def stop(self) -> None:
        if self._running is not None:
            self._running.stop()
            self._running = None


class Serving(Protocol):
    """A server of buckets, wherever it runs."""

    @property
    def url(self) -> str:
        """Where it is reached."""


@dataclass
class Bucket:
    """One bucket, and what lies in it."""

    server: Serving
    name: str

    @property
    def options(self) -> dict[str, Any]:
        return {
            "bucket_name": self.name,
            "location": "playground",
            "endpoint_url": self.server.url,
            "region_name": "eu-central-1",
        }

    @property
    def url(self) -> str:
        return f"s3://{self.name}/playground?endpoint_url={self.server.url}&region=eu-central-1"

    @contextmanager
    def client(self) -> Iterator[Any]:
        import boto3

        client = boto3.client(
            "s3",
            endpoint_url=self.server.url,
            region_name="eu-central-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        with closing(client):
            yield client

    def make(self) -> None:
        with self.client() as client:
            client.create_bucket(
                Bucket=self.name,
                CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
            )

    def names(self) -> list[str]:
        with self.client() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
            found = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return sorted(key.removeprefix("playground/") for key in found)

    def fetch(self, name: str, path: Path) -> None:
        with self.client() as client:
            client.download_file(self.name, f"playground/{name}", str(path))

    def put(self, name: str, content: bytes) -> None:
        with self.client() as client:
            client.put_object(Bucket=self.name, Key=f"playground/{name}", Body=content)

    def requests(self) -> Requests:
        return Requests()


class Requests(list[str]):
    """What was asked of buckets since, as ``HeadObject`` and the like."""

    def __enter__(self) -> Requests:
        from botocore.client import BaseClient

        self._patch = pytest.MonkeyPatch()
        ask = BaseClient._make_api_call

        def noted(client: Any, operation: str, arguments: Any) -> Any:
            self.append(operation)
            return ask(client, operation, arguments)

        self._patch.setattr(BaseClient, "_make_api_call", noted)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


def other_host(settings: Any, folder: Path) -> None:
    """Go on as a host that has nothing yet: neither copies nor anything in its media folder."""
    (folder / "media" / "incoming").mkdir(parents=True)
    (folder / "state").mkdir()
    settings.EXOPLANET_STATE_DIR = folder / "state"
    settings.MEDIA_ROOT = folder / "media"
    settings.FILE_UPLOAD_TEMP_DIR = folder / "media" / "incoming"

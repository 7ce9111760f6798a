"""The secret key: given and strong, or made once and kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.core.checks.security.base import (
    SECRET_KEY_INSECURE_PREFIX,
    SECRET_KEY_MIN_LENGTH,
    SECRET_KEY_MIN_UNIQUE_CHARACTERS,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def given_key(path: Path) -> str:
    """Return the key in a file that somebody else keeps."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(
            f"The secret key {path} that EXOPLANET_SECRET_KEY_FILE names cannot be read: "
            f"{getattr(error, 'strerror', None) or 'it is no text'}."
        ) from error


def checked_key(key: str) -> str:
    """Return a key that was given; refuse one that Django's own check calls weak."""
    if (
        len(key) < SECRET_KEY_MIN_LENGTH
        or len(set(key)) < SECRET_KEY_MIN_UNIQUE_CHARACTERS
        or key.startswith(SECRET_KEY_INSECURE_PREFIX)
    ):
        raise ImproperlyConfigured(
            f"EXOPLANET_SECRET_KEY is too weak for a server without debug: give at least "
            f"{SECRET_KEY_MIN_LENGTH} random characters, {SECRET_KEY_MIN_UNIQUE_CHARACTERS} of "
            f'them distinct, that do not begin with "{SECRET_KEY_INSECURE_PREFIX}", '
            "or leave it out and one is made."
        )
    return key


def kept_key(state_dir: Path) -> str:
    """Return the key in the state folder, making it at the first call."""
    path = state_dir / "secret_key"
    try:
        if not path.exists():
            _write_once(path, get_random_secret_key())
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(
            f"The secret key {path} can be neither read nor made: "
            f"{getattr(error, 'strerror', None) or 'it is no text'}."
        ) from error
    if len(key) < SECRET_KEY_MIN_LENGTH:
        raise ImproperlyConfigured(
            f"The secret key {path} is damaged; delete it and a new one is made."
        )
    return key


def _write_once(path: Path, key: str) -> None:
    # Two processes may start at once: linking a finished file into place lets exactly one of
    # them win, and nobody ever reads half a key.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="secret_key.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
        Path(path).hardlink_to(name)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
